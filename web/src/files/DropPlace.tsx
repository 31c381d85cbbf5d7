import { useLingui } from "@lingui/react/macro";
import { FilePlus2 } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";

interface Props {
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

/** A place onto which files may be dragged; it says so while they are over it. */
export function DropPlace({ onFiles, children }: Props) {
  const { t } = useLingui();
  const [over, setOver] = useState(false);
  const depth = useRef(0); // how many elements the pointer is inside of
  const holdsFiles = (e: DragEvent) => e.dataTransfer.types.includes("Files");
  const leave = () => {
    depth.current = Math.max(0, depth.current - 1);
    if (depth.current === 0) setOver(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside the text does the same
    <div
      className="@container relative flex min-h-0 flex-1 flex-col"
      onDragEnter={(e) => {
        if (!holdsFiles(e)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragLeave={leave}
      onDragOver={(e) => {
        if (!holdsFiles(e)) return;
        e.preventDefault();
        e.dataTransfer.dropEffect = "copy";
      }}
      onDrop={(e) => {
        depth.current = 0;
        setOver(false);
        if (!holdsFiles(e)) return;
        e.preventDefault();
        onFiles([...e.dataTransfer.files]);
      }}
    >
      {children}
      {over ? (
        <div className="pointer-events-none absolute inset-2 z-20 flex flex-col items-center justify-center gap-2 rounded-2xl border-2 border-accent border-dashed bg-accent-soft/95 text-accent">
          <FilePlus2 size={32} />
          <p className="font-medium">{t`Drop the files here to send them`}</p>
        </div>
      ) : null}
    </div>
  );
}

import { useLingui } from "@lingui/react/macro";
import { Download } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { currentLanguage } from "../i18n/language";
import { cx } from "../ui/cx";
import type { Attachment } from "../wire/messages";
import { downloadURL, fileURL } from "./addresses";
import { FileMark } from "./FileMark";
import { isShownAsPicture, smallURL } from "./pictures";
import { boxRatio, sizeText } from "./sizes";
import { VoicePlayer } from "./VoicePlayer";

const Lightbox = lazy(() => import("./Lightbox").then((m) => ({ default: m.Lightbox })));

/** What a message carries: voices, pictures in a grid, films and sounds to play, everything else as a card. */
export function Attachments({ list }: { list: readonly Attachment[] }) {
  const pictures = list.filter(isShownAsPicture);
  const others = list.filter((a) => !isShownAsPicture(a));
  return (
    <div className="flex max-w-full flex-col gap-1.5 py-0.5">
      {pictures.length > 0 ? <Pictures pictures={pictures} /> : null}
      {others.map((a) => (
        <Other key={a.id} file={a} />
      ))}
    </div>
  );
}

function Pictures({ pictures }: { pictures: readonly Attachment[] }) {
  const { t } = useLingui();
  const [open, setOpen] = useState<number>();
  const [only] = pictures;
  const single = pictures.length === 1 && only ? boxRatio(only.width, only.height) : undefined;
  return (
    <>
      <div
        className={cx("grid w-80 max-w-full gap-1 overflow-hidden rounded-xl", columns(pictures.length))}
        // Of a fixed shape before anything is loaded: the timeline must not jump.
        style={single ? { width: `min(100%, ${single < 1 ? 15 : 20}rem)` } : undefined}
      >
        {pictures.map((picture, i) => (
          <Plain
            key={picture.id}
            aria-label={t`Open the picture ${picture.name}`}
            onPress={() => setOpen(i)}
            className="relative block w-full overflow-hidden bg-line"
            style={{ aspectRatio: single ?? 1 }}
          >
            <img
              src={smallURL(picture)}
              alt={picture.name}
              loading="lazy"
              decoding="async"
              className="absolute inset-0 size-full object-cover"
            />
          </Plain>
        ))}
      </div>
      {open === undefined ? null : (
        <Suspense>
          <Lightbox pictures={pictures} first={open} onClose={() => setOpen(undefined)} />
        </Suspense>
      )}
    </>
  );
}

function columns(count: number): string {
  if (count === 1) return "grid-cols-1";
  return count === 2 || count === 4 ? "grid-cols-2" : "grid-cols-3";
}

function Other({ file }: { file: Attachment }) {
  if (file.voice) return <VoicePlayer src={fileURL(file.id)} durationMs={file.duration_ms} />;
  if (file.type.startsWith("audio/")) {
    return (
      <Card file={file}>
        {/* biome-ignore lint/a11y/useMediaCaption: it is somebody's file, as it is */}
        <audio src={fileURL(file.id)} controls preload="none" className="h-10 w-full" />
      </Card>
    );
  }
  if (["video/mp4", "video/webm", "video/ogg", "video/quicktime"].includes(file.type)) {
    return (
      <Card file={file}>
        {/* biome-ignore lint/a11y/useMediaCaption: it is somebody's file, as it is */}
        <video
          src={fileURL(file.id)}
          controls
          preload="none"
          className="aspect-video w-full rounded-lg bg-black"
        />
      </Card>
    );
  }
  return <Card file={file} />;
}

function Card({ file, children }: { file: Attachment; children?: React.ReactNode }) {
  const { t } = useLingui();
  return (
    <div className="flex w-80 max-w-full flex-col gap-2 rounded-xl border border-line bg-surface p-2">
      <div className="flex items-center gap-2.5">
        <FileMark name={file.name} type={file.type} />
        <div className="min-w-0 flex-1">
          <p className="line-clamp-2 wrap-anywhere text-sm">{file.name}</p>
          <p className="tabular text-ink-faint text-xs">{sizeText(file.size, currentLanguage())}</p>
        </div>
        <a
          href={downloadURL(file.id)}
          download={file.name}
          aria-label={t`Download ${file.name}`}
          title={t`Download`}
          className="flex size-10 shrink-0 items-center justify-center rounded-[10px] text-ink-soft hover:bg-sunken hover:text-ink"
        >
          <Download size={18} />
        </a>
      </div>
      {children}
    </div>
  );
}

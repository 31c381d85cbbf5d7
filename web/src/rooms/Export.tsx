import { useLingui } from "@lingui/react/macro";
import { FileDown } from "lucide-react";
import { useRef, useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { RoomDetail } from "../api/types";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";

/** Takes the history out of the hub, which remembers who did. A browser says nothing of a download that is refused, so it is asked for first. */
export function Export({ room }: { room: RoomDetail }) {
  const { t } = useLingui();
  const link = useRef<HTMLAnchorElement>(null);
  const [asking, setAsking] = useState(false);
  const begin = async () => {
    setAsking(true);
    try {
      await call("GET", `/rooms/${room.id}/export/check`);
      link.current?.click();
      toast(t`The download begins as soon as the page is put together.`);
    } catch (error) {
      const code = error instanceof Problem ? error.code : undefined;
      if (code !== "rate") toast(words(code), { tone: "danger" });
    } finally {
      setAsking(false);
    }
  };
  const words = (code: string | undefined) => {
    switch (code) {
      case "export_running":
        return t`An export of yours is still running. Please wait until it has been downloaded.`;
      case "exports_busy":
        return t`Others are exporting just now. Please try again in a moment.`;
      default:
        return t`The history could not be exported. Please try again.`;
    }
  };
  return (
    <div className="flex flex-col gap-1">
      <Button onPress={() => void begin()} isPending={asking} className="self-start">
        <FileDown size={18} />
        {t`Export the history`}
      </Button>
      <a ref={link} href={`/api/rooms/${room.id}/export`} download hidden tabIndex={-1}>
        {t`Export the history`}
      </a>
      <p className="text-ink-faint text-sm">{t`As a page to read, with all files. That you did is recorded.`}</p>
    </div>
  );
}

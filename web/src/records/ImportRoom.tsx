import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { Upload } from "lucide-react";
import { useRef, useState } from "react";
import { call } from "../api/client";
import { isFinal } from "../api/problem";
import { queries } from "../app/queries";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";

/** Takes an archive of a room in, and leads to the room that became of it. */
export function ImportRoom() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [pending, setPending] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const take = async (archive: File) => {
    setPending(true);
    setWrong(undefined);
    try {
      const { id, messages } = await call<{ id: string; messages: number }>("POST", "/rooms/import", archive);
      await queries.invalidateQueries({ queryKey: ["rooms"] });
      toast(plural(messages, { one: "# message came in.", other: "# messages came in." }));
      await navigate({ to: "/rooms/$room", params: { room: id } });
    } catch (error) {
      setWrong(
        isFinal(error)
          ? t`This is no archive of a chat, or it is damaged.`
          : t`The archive could not be sent. Try again.`,
      );
    } finally {
      setPending(false);
    }
  };
  return (
    <div className="flex flex-col items-start gap-2">
      <input
        ref={input}
        type="file"
        accept=".zip,application/zip"
        hidden
        aria-label={t`Archive of a chat`}
        onChange={(e) => {
          const archive = e.target.files?.[0];
          e.target.value = "";
          if (archive) void take(archive);
        }}
      />
      <Button isPending={pending} onPress={() => input.current?.click()}>
        <Upload size={18} />
        {t`Choose an archive`}
      </Button>
      {wrong ? (
        <p role="alert" className="text-danger text-sm">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}

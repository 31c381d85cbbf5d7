import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";
import type { Message } from "../wire/messages";
import { isSendKey } from "./keys";
import type { Rooms } from "./store";

/** Changes the text of one of our messages in its place. */
export function EditBox({ rooms, message, onDone }: { rooms: Rooms; message: Message; onDone: () => void }) {
  const { t } = useLingui();
  const [text, setText] = useState(message.text);
  const [pending, setPending] = useState(false);
  const save = async () => {
    const changed = text.trim();
    if (changed === "" || changed === message.text) return onDone();
    setPending(true);
    try {
      await rooms.edit(message.room, message.id, changed);
      onDone();
    } catch {
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
      setPending(false);
    }
  };
  return (
    <div className="flex w-72 max-w-full flex-col gap-2">
      <textarea
        // biome-ignore lint/a11y/noAutofocus: pressing Edit means wanting to write here
        autoFocus
        aria-label={t`Change the message`}
        value={text}
        rows={2}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape") onDone();
          if (isSendKey(e.nativeEvent)) {
            e.preventDefault();
            void save();
          }
        }}
        className="field-box resize-y"
      />
      <div className="flex justify-end gap-2">
        <Button small onPress={onDone}>
          {t`Cancel`}
        </Button>
        <Button small look="primary" isPending={pending} onPress={save}>
          {t`Save`}
        </Button>
      </div>
    </div>
  );
}

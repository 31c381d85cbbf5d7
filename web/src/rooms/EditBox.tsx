import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
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
  const { box, done } = useOwnFocus(onDone);
  const save = async () => {
    const changed = text.trim();
    if (changed === "" || changed === message.text) return done();
    setPending(true);
    try {
      await rooms.edit(message.room, message.id, changed);
      done();
    } catch {
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
      setPending(false);
    }
  };
  return (
    <div className="flex w-72 max-w-full flex-col gap-2">
      <textarea
        ref={box}
        aria-label={t`Change the message`}
        value={text}
        rows={2}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape" && !e.nativeEvent.isComposing) done();
          if (isSendKey(e.nativeEvent)) {
            e.preventDefault();
            void save();
          }
        }}
        className="field-box resize-y"
      />
      <div className="flex justify-end gap-2">
        <Button small onPress={done}>
          {t`Cancel`}
        </Button>
        <Button small look="primary" isPending={pending} onPress={save}>
          {t`Save`}
        </Button>
      </div>
    </div>
  );
}

/**
 * Pressing Edit means wanting to write here: takes the focus, and shows the
 * whole box, once the menu has given the focus back to its button. Afterwards
 * the focus stays in the list.
 */
function useOwnFocus(onDone: () => void) {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        const end = box.current?.value.length ?? 0;
        box.current?.focus();
        box.current?.setSelectionRange(end, end);
        box.current?.parentElement?.scrollIntoView({ block: "nearest" });
      });
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  const done = () => {
    box.current?.closest<HTMLElement>("[role=log]")?.focus();
    onDone();
  };
  return { box, done };
}

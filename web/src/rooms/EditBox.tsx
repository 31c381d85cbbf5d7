import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";
import type { Message } from "../wire/messages";
import { isSendKey } from "./keys";
import { mentionedIn } from "./mentioned";
import { type Scene, useScene } from "./scene";
import type { Revision, Rooms } from "./store";

/** Changes the text of one of our messages in its place. */
export function EditBox({ rooms, message, onDone }: { rooms: Rooms; message: Message; onDone: () => void }) {
  const { t } = useLingui();
  const scene = useScene();
  const [text, setText] = useState(message.text);
  const [english, setEnglish] = useState(message.text_en ?? "");
  const [pending, setPending] = useState(false);
  const { box, done } = useOwnFocus(onDone);
  const save = async () => {
    const changed = text.trim();
    if (changed === "" || (changed === message.text && english.trim() === (message.text_en ?? "")))
      return done();
    setPending(true);
    try {
      await rooms.edit(message.room, message.id, revisionOf(changed, english.trim(), message, scene));
      done();
    } catch {
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
      setPending(false);
    }
  };
  const keyDown = (e: React.KeyboardEvent) => {
    if (e.key === "Escape" && !e.nativeEvent.isComposing) done();
    if (isSendKey(e.nativeEvent)) {
      e.preventDefault();
      void save();
    }
  };
  return (
    <div className="flex w-80 max-w-full flex-col gap-2">
      <textarea
        ref={box}
        aria-label={t`Change the message`}
        value={text}
        rows={2}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={keyDown}
        className="field-box resize-y"
      />
      {message.text_en ? (
        <textarea
          aria-label={t`Change the English text`}
          lang="en"
          value={english}
          rows={2}
          onChange={(e) => setEnglish(e.target.value)}
          onKeyDown={keyDown}
          className="field-box resize-y"
        />
      ) : null}
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

/** What the message says from now on; whom it mentions follows from the words. */
function revisionOf(text: string, english: string, before: Message, scene: Scene | undefined): Revision {
  if (!scene) return { text };
  const people = scene.room.members.map((m) => m.person);
  const { mentions, groups } = mentionedIn([text, english], people, new Set(before.mentions));
  return {
    text,
    text_en: english,
    mentions,
    mention_groups: groups,
  };
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

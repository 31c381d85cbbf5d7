import { useLingui } from "@lingui/react/macro";
import { SendHorizontal, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useStore } from "zustand";
import { IconButton } from "../ui/IconButton";
import type { Message, Person } from "../wire/messages";
import { composerKey } from "./keys";
import { MentionList } from "./MentionList";
import { mentionable, mentionBefore, mentionedIn } from "./mentions";
import type { Rooms } from "./store";

const longestText = 8000;

interface Props {
  rooms: Rooms;
  room: string;
  people: readonly Person[];
  replyTo: Message | undefined;
  onReplied: () => void;
}

/** The place to write: Enter sends, Ctrl+Enter or Shift+Enter breaks the line, @ finds people. */
export function Composer({ rooms, room, people, replyTo, onReplied }: Props) {
  const { t } = useLingui();
  const me = useStore(rooms.store, (s) => s.me?.id ?? "");
  const writing = useWriting(people, me);
  const { box, text, offered, picked } = writing;
  const listId = useId();
  useEffect(() => {
    if (replyTo) box.current?.focus();
  }, [replyTo, box]);
  const send = () => {
    const said = text.trim();
    if (said === "") return;
    rooms.post(room, said, { mentions: mentionedIn(said, people), ...(replyTo && { replyTo }) });
    writing.change("", 0);
    onReplied();
  };
  const keyDown = (e: React.KeyboardEvent) => {
    const key = composerKey(
      { ...modifiers(e), isComposing: e.nativeEvent.isComposing },
      picked !== undefined,
    );
    if (key === undefined) return;
    if (key === "cancel") return onReplied();
    e.preventDefault();
    if (key === "send") send();
    else if (key === "insert" && picked) writing.mention(picked);
    else if (key === "break") writing.breakLine();
    else writing.choose(key === "next" ? 1 : -1);
  };
  return (
    <div className="relative border-t border-line px-3 py-2.5">
      {picked ? <MentionList id={listId} offered={offered} picked={picked} onPick={writing.mention} /> : null}
      {replyTo ? <ReplyLine message={replyTo} onCancel={onReplied} /> : null}
      <div className="flex items-end gap-2">
        <textarea
          ref={box}
          value={text}
          rows={1}
          maxLength={longestText}
          aria-label={t`Message`}
          aria-controls={picked ? listId : undefined}
          aria-activedescendant={picked ? `${listId}-${picked.id}` : undefined}
          placeholder={t`Write a message`}
          onChange={(e) => {
            writing.change(e.target.value, e.target.selectionStart);
            if (e.target.value !== "") rooms.typing(room);
          }}
          onSelect={(e) => writing.moved(e.currentTarget.selectionStart)}
          onKeyDown={keyDown}
          className="field-box field-sizing-content max-h-40 resize-none"
        />
        <IconButton
          label={t`Send`}
          onPress={send}
          isDisabled={text.trim() === ""}
          className="size-11 bg-accent text-on-accent hover:bg-accent-strong hover:text-on-accent disabled:bg-sunken disabled:text-ink-faint"
        >
          <SendHorizontal size={20} />
        </IconButton>
      </div>
    </div>
  );
}

function modifiers({ key, keyCode, shiftKey, ctrlKey, altKey, metaKey }: React.KeyboardEvent) {
  return { key, keyCode, shiftKey, ctrlKey, altKey, metaKey };
}

/** The text that is being written, where the caret is, and who may be meant. */
function useWriting(people: readonly Person[], me: string) {
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const box = useRef<HTMLTextAreaElement>(null);
  const mention = mentionBefore(text, caret);
  const offered = mention ? mentionable(people, mention.query, me) : [];
  const put = (before: string, after: string) => {
    setText(before + after);
    setCaret(before.length);
    requestAnimationFrame(() => box.current?.setSelectionRange(before.length, before.length));
  };
  return {
    box,
    text,
    offered,
    picked: offered[Math.min(chosen, offered.length - 1)],
    moved: setCaret,
    change: (next: string, at: number) => {
      setText(next);
      setCaret(at);
      setChosen(0);
    },
    choose: (step: number) => setChosen((chosen + step + offered.length) % offered.length),
    breakLine: () => put(`${text.slice(0, caret)}\n`, text.slice(caret)),
    mention: (person: Person) => {
      if (mention) put(`${text.slice(0, mention.start)}@${person.name} `, text.slice(caret));
    },
  };
}

function ReplyLine({ message, onCancel }: { message: Message; onCancel: () => void }) {
  const { t } = useLingui();
  return (
    <div className="flex items-center gap-2 pb-2 text-ink-soft text-sm">
      <p className="min-w-0 flex-1 truncate border-accent border-l-2 pl-2">
        {t`Reply to ${message.author.name}`}: {message.text}
      </p>
      <IconButton label={t`Do not reply`} className="size-8" onPress={onCancel}>
        <X size={16} />
      </IconButton>
    </div>
  );
}

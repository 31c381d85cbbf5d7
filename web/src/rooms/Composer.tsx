import { useLingui } from "@lingui/react/macro";
import { SendHorizontal, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useStore } from "zustand";
import { Avatar } from "../ui/Avatar";
import { cx } from "../ui/cx";
import { IconButton } from "../ui/IconButton";
import type { Message, Person } from "../wire/messages";
import { isSendKey } from "./keys";
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
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const box = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const mention = mentionBefore(text, caret);
  const offered = mention ? mentionable(people, mention.query, me) : [];
  const picked = offered[Math.min(chosen, offered.length - 1)];

  useEffect(() => {
    if (replyTo) box.current?.focus();
  }, [replyTo]);

  const send = () => {
    const said = text.trim();
    if (said === "") return;
    rooms.post(room, said, { mentions: mentionedIn(said, people), ...(replyTo && { replyTo }) });
    setText("");
    setCaret(0);
    onReplied();
  };
  const insert = (person: Person) => {
    if (!mention) return;
    const start = `${text.slice(0, mention.start)}@${person.name} `;
    setText(start + text.slice(caret));
    setCaret(start.length);
    requestAnimationFrame(() => box.current?.setSelectionRange(start.length, start.length));
  };
  const breakLine = () => {
    const next = `${text.slice(0, caret)}\n${text.slice(caret)}`;
    setText(next);
    setCaret(caret + 1);
    requestAnimationFrame(() => box.current?.setSelectionRange(caret + 1, caret + 1));
  };
  const keyDown = (e: React.KeyboardEvent) => {
    const composing = e.nativeEvent.isComposing || e.keyCode === 229;
    if (composing) return;
    if (picked && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      e.preventDefault();
      const step = e.key === "ArrowDown" ? 1 : offered.length - 1;
      return setChosen((chosen + step) % offered.length);
    }
    if (picked && (e.key === "Tab" || isSendKey(e.nativeEvent))) {
      e.preventDefault();
      return insert(picked);
    }
    if (isSendKey(e.nativeEvent)) {
      e.preventDefault();
      return send();
    }
    if (e.key === "Enter" && e.ctrlKey) {
      e.preventDefault();
      return breakLine();
    }
    if (e.key === "Escape" && replyTo) onReplied();
  };

  return (
    <div className="relative border-t border-line px-3 py-2.5">
      {picked ? (
        <div
          id={listId}
          role="listbox"
          aria-label={t`People`}
          className="absolute inset-x-3 bottom-full mb-1 rounded-xl border border-line bg-surface p-1.5 shadow-lift"
        >
          {offered.map((person) => (
            <div
              key={person.id}
              id={`${listId}-${person.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={person === picked}
              onPointerDown={(e) => {
                e.preventDefault();
                insert(person);
              }}
              className={cx(
                "flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg px-2",
                person === picked && "bg-sunken",
              )}
            >
              <Avatar id={person.id} name={person.name} size={26} />
              {person.name}
            </div>
          ))}
        </div>
      ) : null}
      {replyTo ? (
        <div className="flex items-center gap-2 pb-2 text-ink-soft text-sm">
          <p className="min-w-0 flex-1 truncate border-accent border-l-2 pl-2">
            {t`Reply to ${replyTo.author.name}`}: {replyTo.text}
          </p>
          <IconButton label={t`Do not reply`} className="size-8" onPress={onReplied}>
            <X size={16} />
          </IconButton>
        </div>
      ) : null}
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
            setText(e.target.value);
            setCaret(e.target.selectionStart);
            setChosen(0);
            if (e.target.value !== "") rooms.typing(room);
          }}
          onSelect={(e) => setCaret(e.currentTarget.selectionStart)}
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

import { useLingui } from "@lingui/react/macro";
import { SendHorizontal, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useStore } from "zustand";
import { AttachButton } from "../files/AttachButton";
import { UploadTray } from "../files/UploadTray";
import type { Uploads } from "../files/uploads";
import { useFilesBeside } from "../files/useUploads";
import { useRecorder, VoiceButton, VoiceLine } from "../files/VoiceRecorder";
import { cx } from "../ui/cx";
import { IconButton } from "../ui/IconButton";
import type { Attachment, Message, Person } from "../wire/messages";
import { composerKey } from "./keys";
import { MentionList } from "./MentionList";
import { mentionable, mentionBefore, mentionedIn } from "./mentions";
import type { Rooms } from "./store";

const longestText = 8000;

interface Props {
  rooms: Rooms;
  room: string;
  people: readonly Person[];
  uploads: Uploads;
  onFiles: (files: File[]) => void;
  replyTo: Message | undefined;
  onReplied: () => void;
}

/** The place to write: Enter sends, Ctrl+Enter or Shift+Enter breaks the line, @ finds people, files are pasted. */
export function Composer({ rooms, room, people, uploads, onFiles, replyTo, onReplied }: Props) {
  const { t } = useLingui();
  const me = useStore(rooms.store, (s) => s.me?.id ?? "");
  const writing = useWriting(people, me);
  const { box, text, offered, picked } = writing;
  const listId = useId();
  useEffect(() => {
    if (replyTo) box.current?.focus();
  }, [replyTo, box]);
  const { recorder, busy } = useRecorder();
  const { waiting, some, paste } = useFilesBeside(uploads, onFiles);
  const ready = some || text.trim() !== "";
  const post = (said: string, attachments: Attachment[]) => {
    const extras = { mentions: mentionedIn(said, people), ...(replyTo && { replyTo }) };
    rooms.post(room, said, { ...extras, ...(attachments.length > 0 && { attachments }) });
    onReplied();
  };
  const send = () => {
    if (waiting || !ready) return;
    post(text.trim(), uploads.take());
    writing.change("", 0);
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
      <UploadTray uploads={uploads} />
      {busy ? (
        <VoiceLine
          recorder={recorder}
          onSend={(content, ms) => uploads.addVoice(content, ms, (voice) => post("", [voice]))}
        />
      ) : null}
      <div className={cx("items-end gap-1 sm:gap-2", busy ? "hidden" : "flex")}>
        <AttachButton onFiles={onFiles} />
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
          onPaste={paste}
          className="field-box field-sizing-content max-h-40 resize-none"
        />
        {ready || waiting ? null : <VoiceButton recorder={recorder} />}
        <SendButton onPress={send} waiting={waiting} ready={ready} />
      </div>
    </div>
  );
}

function SendButton({ onPress, waiting, ready }: { onPress: () => void; waiting: boolean; ready: boolean }) {
  const { t } = useLingui();
  return (
    <IconButton
      label={waiting ? t`Send, once the files are there` : t`Send`}
      onPress={onPress}
      isDisabled={waiting || !ready}
      className="size-11 bg-accent text-on-accent hover:bg-accent-strong hover:text-on-accent disabled:bg-sunken disabled:text-ink-faint"
    >
      <SendHorizontal size={20} />
    </IconButton>
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

import { useLingui } from "@lingui/react/macro";
import { SendHorizontal, Smile } from "lucide-react";
import { useContext, useEffect, useId, useState } from "react";
import { useStore } from "zustand";
import { AttachButton } from "../files/AttachButton";
import { UploadTray } from "../files/UploadTray";
import { isMissing, type Uploads } from "../files/uploads";
import { useFilesBeside } from "../files/useUploads";
import { useRecorder, VoiceButton, VoiceLine } from "../files/VoiceRecorder";
import { currentLanguage } from "../i18n/language";
import { cx } from "../ui/cx";
import { IconButton } from "../ui/IconButton";
import type { Attachment, Message, Person } from "../wire/messages";
import { ComposerMenu } from "./ComposerMenu";
import { ComposerNotes } from "./ComposerNotes";
import type { Extras } from "./draft";
import { EmojiMenu, emojiToWrite } from "./EmojiMenu";
import { groupName, groupsFor } from "./groups";
import { composerKey } from "./keys";
import { LongText } from "./LongText";
import { MentionList } from "./MentionList";
import { mentionedIn } from "./mentioned";
import type { Mentionable } from "./mentions";
import { overlong } from "./overlong";
import { SendLater } from "./SendLater";
import { EditingContext, type Scene, useScene } from "./scene";
import type { Rooms } from "./store";
import { useWriting } from "./useWriting";
import { keepWriting, keptWriting, type Writing } from "./writing";

interface Props {
  rooms: Rooms;
  room: string;
  people: readonly Person[];
  uploads: Uploads;
  onFiles: (files: File[]) => void;
  replyTo: Message | undefined;
  onReplied: () => void;
}

/** The place to write, for those who may; the others are told why there is none. */
export function Composer(props: Props) {
  const { t } = useLingui();
  const scene = useScene();
  if (scene?.room.archived_at) return <Closed text={t`This chat is archived: it is only read.`} />;
  if (scene?.room.posting === "managers" && !scene.room.manages)
    return <Closed text={t`Only managers of this chat can post.`} />;
  return <Open {...props} />;
}

function Closed({ text }: { text: string }) {
  return (
    <p role="note" className="border-line border-t bg-sunken px-4 py-4 text-center text-ink-soft text-sm">
      {text}
    </p>
  );
}

/** Enter sends, Ctrl+Enter or Shift+Enter breaks the line, @ finds people, ↑ in an empty box changes the last message. */
function Open(props: Props) {
  const { rooms, room, uploads, onFiles, replyTo, onReplied } = props;
  const scene = useScene();
  const composing = useComposing(props);
  const { waiting, some, paste } = useFilesBeside(uploads, onFiles);
  const { recorder, busy } = useRecorder();
  const { writing, send } = composing;
  const listId = useId();
  const { picked, offered } = writing;
  const tooLong = overlong(writing.text) + overlong(composing.english) > 0;
  const said = (some || writing.text.trim() !== "") && !tooLong;
  const sendable = said && !waiting;
  const [later, setLater] = useState<Said>();
  const keyDown = useKeys(composing, rooms, room, onReplied);
  return (
    <div className="relative border-t border-line px-3 py-2.5">
      {picked ? <MentionList id={listId} offered={offered} picked={picked} onPick={writing.mention} /> : null}
      <ComposerNotes
        replyTo={replyTo}
        onCancelReply={onReplied}
        options={composing.options}
        onOptions={composing.setOptions}
      />
      <UploadTray uploads={uploads} />
      <LongTexts composing={composing} onFiles={onFiles} />
      {busy ? (
        <VoiceLine
          recorder={recorder}
          onSend={(content, ms) => uploads.addVoice(content, ms, composing.sendVoice)}
        />
      ) : null}
      <div className={cx("items-end gap-1 sm:gap-2", busy ? "hidden" : "flex")}>
        <AttachButton onFiles={onFiles} />
        {scene ? (
          <ComposerMenu
            scene={scene}
            options={composing.options}
            onOptions={composing.setOptions}
            onInsert={writing.insert}
            onLater={sendable ? () => setLater(composing.content()) : undefined}
          />
        ) : null}
        <Boxes
          composing={composing}
          listId={listId}
          bilingual={scene?.room.posting === "managers"}
          onTyping={() => rooms.typing(room)}
          onKeyDown={keyDown}
          onPaste={paste}
        />
        {said || waiting || tooLong ? (
          <SendButton waiting={waiting} isDisabled={!sendable} onSend={send} />
        ) : (
          <VoiceButton recorder={recorder} />
        )}
      </div>
      {scene && later ? (
        <SendLater
          scene={scene}
          said={later}
          onClose={() => setLater(undefined)}
          onScheduled={composing.clear}
        />
      ) : null}
    </div>
  );
}

/** What a message does not hold is offered as a file. */
function LongTexts({ composing, onFiles }: { composing: Composing; onFiles: (files: File[]) => void }) {
  const { writing, english, setEnglish } = composing;
  const texts = [
    { text: writing.text, clear: () => writing.change("", 0) },
    { text: english, clear: () => setEnglish("") },
  ];
  return texts.map(({ text, clear }, i) => (
    <LongText
      // biome-ignore lint/suspicious/noArrayIndexKey: the box of each language
      key={i}
      text={text}
      onFile={(file) => {
        onFiles([file]);
        clear();
      }}
    />
  ));
}

interface SendButtonProps {
  /** Files are still on their way. */
  waiting: boolean;
  isDisabled: boolean;
  onSend: () => void;
}

function SendButton({ waiting, isDisabled, onSend }: SendButtonProps) {
  const { t } = useLingui();
  return (
    <IconButton
      label={waiting ? t`Send, once the files are there` : t`Send`}
      onPress={onSend}
      isDisabled={isDisabled}
      className="size-11 bg-accent text-on-accent hover:bg-accent-strong hover:text-on-accent disabled:bg-sunken disabled:text-ink-faint"
    >
      <SendHorizontal size={20} />
    </IconButton>
  );
}

interface BoxesProps {
  composing: Composing;
  listId: string;
  bilingual: boolean;
  onTyping: () => void;
  onKeyDown: (e: React.KeyboardEvent) => void;
  onPaste: (e: React.ClipboardEvent) => void;
}

/** Where the words go: one box, or one for each language. */
function Boxes({ composing, listId, bilingual, onTyping, onKeyDown, onPaste }: BoxesProps) {
  const { t } = useLingui();
  const { writing, english } = composing;
  const { picked } = writing;
  return (
    <div className={cx("min-w-0 flex-1", bilingual && "grid gap-2 @2xl:grid-cols-2")}>
      <div className="relative">
        <textarea
          ref={writing.box}
          value={writing.text}
          rows={bilingual ? 2 : 1}
          lang={bilingual ? "zh-CN" : undefined}
          aria-label={bilingual ? t`Message in Chinese` : t`Message`}
          aria-controls={picked ? listId : undefined}
          aria-activedescendant={picked ? `${listId}-${picked.id}` : undefined}
          placeholder={bilingual ? t`In Chinese` : t`Write a message`}
          onChange={(e) => {
            writing.change(e.target.value, e.target.selectionStart);
            if (e.target.value !== "") onTyping();
          }}
          onSelect={(e) => writing.moved(e.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          className="field-box field-sizing-content block max-h-40 resize-none pr-11"
        />
        <EmojiMenu
          emoji={emojiToWrite}
          onChoose={writing.insert}
          trigger={
            <IconButton label={t`Emoji`} className="absolute right-0.5 bottom-0.5">
              <Smile size={20} />
            </IconButton>
          }
        />
      </div>
      {bilingual ? (
        <textarea
          value={english}
          rows={2}
          lang="en"
          aria-label={t`Message in English`}
          placeholder={t`In English`}
          onChange={(e) => composing.setEnglish(e.target.value)}
          onKeyDown={onKeyDown}
          className="field-box field-sizing-content block max-h-40 resize-none"
        />
      ) : null}
    </div>
  );
}

/** What is chosen for a message besides its words. */
export interface Options {
  topic: string;
  mustConfirm: boolean;
  urgent: boolean;
}

const nothing: Writing = { text: "", text_en: "", topic: "" };

type Composing = ReturnType<typeof useComposing>;

function useComposing({ rooms, room, people, uploads, replyTo, onReplied }: Props) {
  const scene = useScene();
  const me = useStore(rooms.store, (s) => s.me?.id ?? "");
  const [kept] = useState(() => (scene ? keptWriting(localStorage, scene.me, room) : nothing));
  const [english, setEnglish] = useState(kept.text_en);
  const plain = { topic: scene?.topic || kept.topic, mustConfirm: false, urgent: false };
  const [options, setOptions] = useState<Options>(plain);
  const writing = useWriting(kept.text, people, groupsOf(scene), me);
  const { text, box } = writing;
  useEffect(() => {
    if (replyTo) box.current?.focus();
  }, [replyTo, box]);
  // Who opens a chat with a mouse or a keyboard writes at once; on a phone the keyboard would hide the chat.
  const page = scene !== undefined;
  useEffect(() => {
    if (page && matchMedia("(pointer: fine)").matches) box.current?.focus();
  }, [page, box]);
  // Guests leave nothing behind in a browser that is not theirs.
  useEffect(() => {
    if (scene)
      keepWriting(localStorage, scene.me, room, { text, text_en: english, topic: options.topic, replyTo });
  }, [scene, room, text, english, options.topic, replyTo]);
  const clear = () => {
    writing.change("", 0);
    uploads.take();
    setEnglish("");
    setOptions({ ...options, topic: scene?.topic ?? "", mustConfirm: false, urgent: false });
    onReplied();
  };
  const content = () =>
    contentOf({
      text: text.trim(),
      english,
      options,
      attachments: uploads.ready(),
      replyTo,
      people,
      named: writing.named,
    });
  return {
    writing,
    english,
    setEnglish,
    options,
    setOptions,
    clear,
    content,
    send: () => {
      const said = content();
      const some = said.text !== "" || said.more.attachments;
      if (overlong(said.text) + overlong(said.more.text_en ?? "") > 0) return;
      if (!some || uploads.store.getState().some(isMissing)) return;
      rooms.post(room, said.text, said.more);
      clear();
    },
    sendVoice: (voice: Attachment) => {
      const { topic } = options;
      rooms.post(room, "", { attachments: [voice], ...(topic && { topic }), ...(replyTo && { replyTo }) });
      onReplied();
    },
  };
}

/** What is sent, now or later. */
export interface Said {
  text: string;
  more: Extras;
}

function contentOf(of: {
  text: string;
  english: string;
  options: Options;
  attachments: Attachment[];
  replyTo: Message | undefined;
  people: readonly Person[];
  named: ReadonlySet<string>;
}): Said {
  const { mentions, groups } = mentionedIn([of.text, of.english], of.people, of.named);
  return {
    text: of.text,
    more: {
      mentions,
      ...(groups.length > 0 && { mentionGroups: groups }),
      ...(of.english.trim() && { text_en: of.english.trim() }),
      ...(of.options.topic && { topic: of.options.topic }),
      ...(of.options.mustConfirm && { mustConfirm: true, urgent: of.options.urgent }),
      ...(of.attachments.length > 0 && { attachments: of.attachments }),
      ...(of.replyTo && { replyTo: of.replyTo }),
    },
  };
}

function groupsOf(scene: Scene | undefined): Mentionable[] {
  if (!scene || scene.room.kind === "direct") return [];
  const language = currentLanguage();
  return groupsFor(scene.room.manages).map((g) => ({ id: g, name: groupName(g, language), group: true }));
}

/** What the keys do where one writes. */
function useKeys({ writing, send }: Composing, rooms: Rooms, room: string, onCancel: () => void) {
  const { edit } = useContext(EditingContext);
  const editLast = () => {
    const { timelines, me } = rooms.store.getState();
    const last = timelines[room]?.messages.findLast(
      (m) => m.author.id === me?.id && !m.deleted && !m.forwarded && !m.call,
    );
    if (!last) return;
    void rooms.jump(room, last.seq);
    edit(last.id);
  };
  return (e: React.KeyboardEvent) => {
    const { key: name, keyCode, shiftKey, ctrlKey, altKey, metaKey } = e;
    const pressed = {
      key: name,
      keyCode,
      shiftKey,
      ctrlKey,
      altKey,
      metaKey,
      isComposing: e.nativeEvent.isComposing,
    };
    const key = composerKey(pressed, writing.picked !== undefined, writing.text === "");
    if (key === undefined) return;
    if (key === "cancel") return onCancel();
    e.preventDefault();
    if (key === "send") send();
    else if (key === "edit") editLast();
    else if (key === "insert" && writing.picked) writing.mention(writing.picked);
    else if (key === "break") writing.breakLine();
    else writing.choose(key === "next" ? 1 : -1);
  };
}

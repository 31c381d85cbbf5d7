import { useLingui } from "@lingui/react/macro";
import { MoreHorizontal, Reply, SmilePlus } from "lucide-react";
import { useState } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { Attachments } from "../files/Attachments";
import { currentLanguage } from "../i18n/language";
import { clock } from "../time/format";
import { Avatar } from "../ui/Avatar";
import { cx } from "../ui/cx";
import { Confirm } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { Menu } from "../ui/Menu";
import { toast } from "../ui/toast";
import type { Message } from "../wire/messages";
import { EditBox } from "./EditBox";
import { EmojiMenu } from "./EmojiMenu";
import type { Row } from "./group";
import { RichText } from "./RichText";
import type { Rooms } from "./store";
import { Unconfirmed } from "./Unconfirmed";

interface Props {
  row: Extract<Row, { kind: "message" | "draft" }>;
  rooms: Rooms;
  room: string;
  me: string;
  zone: string;
  names: readonly string[];
  mayDelete: boolean;
  onReply: (message: Message) => void;
}

/** One message: our own on the right, others on the left under their name. */
export function MessageRow(props: Props) {
  const { row } = props;
  return row.kind === "message" ? (
    <Posted {...props} message={row.message} continued={row.continued} />
  ) : (
    <Unconfirmed draft={row.draft} rooms={props.rooms} room={props.room} names={props.names} />
  );
}

type PostedProps = Props & { message: Message; continued: boolean };

function Posted(props: PostedProps) {
  const { message, continued, me, rooms, names } = props;
  const [editing, setEditing] = useState(false);
  const own = message.author.id === me;
  if (message.deleted) return <TakenBack message={message} own={own} />;
  return (
    <div
      data-message={message.id}
      className={cx("group flex gap-2.5", own ? "flex-row-reverse" : "", continued ? "pt-0.5" : "pt-2.5")}
    >
      {own ? null : <Face message={message} hidden={continued} />}
      <div className={cx("flex min-w-0 max-w-[min(36rem,82%)] flex-col", own ? "items-end" : "items-start")}>
        {continued ? null : <Head message={message} own={own} zone={props.zone} />}
        {editing ? (
          <EditBox rooms={rooms} message={message} onDone={() => setEditing(false)} />
        ) : (
          <Bubble message={message} own={own} names={names} />
        )}
        <Reactions message={message} rooms={rooms} me={me} />
      </div>
      <Tools {...props} own={own} onEdit={() => setEditing(true)} />
    </div>
  );
}

function TakenBack({ message, own }: { message: Message; own: boolean }) {
  const { t } = useLingui();
  return (
    <p className="py-1.5 text-center text-xs text-ink-faint" data-message={message.id}>
      {own ? t`You took back a message` : t`${message.author.name} took back a message`}
    </p>
  );
}

function Face({ message, hidden }: { message: Message; hidden: boolean }) {
  if (hidden) return <span className="w-8 shrink-0" />;
  return <Avatar id={message.author.id} name={message.author.name} size={32} />;
}

function Head({ message, own, zone }: { message: Message; own: boolean; zone: string }) {
  return (
    <p className="flex gap-2 px-1 pb-0.5 text-xs text-ink-faint">
      {own ? null : <span className="font-medium text-ink-soft">{message.author.name}</span>}
      <time dateTime={message.posted_at}>{clock(new Date(message.posted_at), zone, currentLanguage())}</time>
    </p>
  );
}

function Bubble({ message, own, names }: { message: Message; own: boolean; names: readonly string[] }) {
  const { t } = useLingui();
  return (
    <div className={cx("rounded-2xl px-3.5 py-2", own ? "bg-accent-soft" : "bg-sunken")}>
      {message.reply_to ? (
        <p className="mb-1 line-clamp-2 border-accent border-l-2 pl-2 text-ink-soft text-sm">
          {message.reply_to.author.name}: {message.reply_to.text}
        </p>
      ) : null}
      {message.text === "" ? null : <RichText text={message.text} names={names} />}
      {message.attachments.length > 0 ? <Attachments list={message.attachments} /> : null}
      {message.edited_at ? <span className="pl-2 text-xs text-ink-faint">{t`edited`}</span> : null}
    </div>
  );
}

/** What can be done with a message: shown on hover and focus, always on touch screens. */
function Tools(props: PostedProps & { own: boolean; onEdit: () => void }) {
  const { t } = useLingui();
  const { message, rooms, room, own, mayDelete, onReply, onEdit } = props;
  return (
    <div className="flex h-fit self-center rounded-lg opacity-0 transition-opacity focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
      <EmojiMenu
        trigger={
          <IconButton label={t`React`} className="size-8">
            <SmilePlus size={16} />
          </IconButton>
        }
        onChoose={(emoji) => react(rooms, room, message.id, emoji, true, t`The reaction was not sent.`)}
      />
      <IconButton label={t`Reply`} className="size-8" onPress={() => onReply(message)}>
        <Reply size={16} />
      </IconButton>
      {own || mayDelete ? <OwnMenu message={message} rooms={rooms} own={own} onEdit={onEdit} /> : null}
    </div>
  );
}

function react(rooms: Rooms, room: string, message: string, emoji: string, on: boolean, failure: string) {
  rooms.react(room, message, emoji, on).catch(() => toast(failure, { tone: "danger" }));
}

function Reactions({ message, rooms, me }: { message: Message; rooms: Rooms; me: string }) {
  const { t } = useLingui();
  const shown = message.reactions.filter((r) => r.by.length > 0);
  if (shown.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-1 pt-1">
      {shown.map(({ emoji, by }) => {
        const mine = by.some((p) => p.id === me);
        const who = by.map((p) => p.name).join(", ");
        return (
          <Plain
            key={emoji}
            aria-label={t`${emoji}: ${who}`}
            onPress={() =>
              react(rooms, message.room, message.id, emoji, !mine, t`The reaction was not sent.`)
            }
            className={cx(
              "flex min-h-7 items-center gap-1 rounded-full border px-2 text-sm",
              mine ? "border-accent bg-accent-soft text-accent" : "border-line bg-surface text-ink-soft",
            )}
          >
            {emoji} <span className="tabular text-xs">{by.length}</span>
          </Plain>
        );
      })}
    </div>
  );
}

interface OwnMenuProps {
  message: Message;
  rooms: Rooms;
  own: boolean;
  onEdit: () => void;
}

function OwnMenu({ message, rooms, own, onEdit }: OwnMenuProps) {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  const entries = [
    ...(own ? [{ id: "edit", label: t`Edit`, onAction: onEdit }] : []),
    { id: "delete", label: t`Take back`, danger: true, onAction: () => setAsking(true) },
  ];
  const remove = () =>
    rooms
      .remove(message.room, message.id)
      .catch(() => toast(t`The message could not be taken back.`, { tone: "danger" }));
  return (
    <>
      <Menu
        label={t`More`}
        entries={entries}
        trigger={
          <IconButton label={t`More`} className="size-8">
            <MoreHorizontal size={16} />
          </IconButton>
        }
      />
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t`Take back this message?`}
        action={t`Take back`}
        danger
        onConfirm={remove}
      >
        {t`Its text disappears for everybody; the others see that a message was here.`}
      </Confirm>
    </>
  );
}

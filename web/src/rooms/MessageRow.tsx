import { useLingui } from "@lingui/react/macro";
import { useContext } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { CallEntry } from "../calls/CallEntry";
import { currentLanguage } from "../i18n/language";
import { clock } from "../time/format";
import { Avatar } from "../ui/Avatar";
import { cx } from "../ui/cx";
import { toast } from "../ui/toast";
import type { Message } from "../wire/messages";
import { EditBox } from "./EditBox";
import type { Row } from "./group";
import type { Names } from "./groups";
import { MessageBody } from "./MessageBody";
import { MessageTools } from "./MessageTools";
import { ConfirmLine, ReadBy } from "./ReadBy";
import { EditingContext } from "./scene";
import type { Rooms } from "./store";
import { Unconfirmed } from "./Unconfirmed";

interface Props {
  row: Extract<Row, { kind: "message" | "draft" }>;
  rooms: Rooms;
  room: string;
  me: string;
  zone: string;
  names: Names;
  mayDelete: boolean;
  onReply: (message: Message) => void;
}

/** One message: our own on the right, others on the left under their name. */
export function MessageRow(props: Props) {
  const { row } = props;
  return row.kind === "message" ? (
    <Posted {...props} message={row.message} continued={row.continued} />
  ) : (
    <Unconfirmed
      draft={row.draft}
      rooms={props.rooms}
      room={props.room}
      names={props.names}
      zone={props.zone}
    />
  );
}

type PostedProps = Props & { message: Message; continued: boolean };

function Posted(props: PostedProps) {
  const { message, continued, me, rooms, names } = props;
  const { id: editing, edit } = useContext(EditingContext);
  const own = message.author.id === me;
  if (message.deleted) return <TakenBack message={message} own={own} />;
  if (message.call) return <CallEntry message={message} me={me} zone={props.zone} />;
  return (
    <div
      data-message={message.id}
      className={cx("group flex gap-2.5", own ? "flex-row-reverse" : "", continued ? "pt-0.5" : "pt-2.5")}
    >
      {own ? null : <Face message={message} hidden={continued} />}
      <div
        className={cx(
          "flex min-w-0 flex-col",
          message.text_en ? "max-w-[min(56rem,86%)]" : "max-w-[min(36rem,82%)]",
          own ? "items-end" : "items-start",
        )}
      >
        {continued ? null : <Head message={message} own={own} zone={props.zone} />}
        {editing === message.id ? (
          <EditBox rooms={rooms} message={message} onDone={() => edit(undefined)} />
        ) : (
          <MessageBody message={message} own={own} names={names} zone={props.zone} />
        )}
        <ConfirmLine rooms={rooms} message={message} me={me} />
        <Reactions message={message} rooms={rooms} me={me} />
        {own ? <ReadBy rooms={rooms} message={message} /> : null}
      </div>
      <MessageTools
        message={message}
        rooms={rooms}
        own={own}
        mayDelete={props.mayDelete}
        onReply={props.onReply}
      />
    </div>
  );
}

/** That a message was here, and why it is not any more. */
function TakenBack({ message, own }: { message: Message; own: boolean }) {
  const { t } = useLingui();
  const name = message.author.name;
  const words = {
    author: own ? t`You deleted a message` : t`${name} deleted a message`,
    manager: own ? t`A manager removed a message of yours` : t`A manager removed a message of ${name}`,
    retention: t`A message was older than messages are kept here`,
    erasure: t`A message was erased with its author's data`,
  };
  return (
    <p className="py-1.5 text-center text-xs text-ink-faint" data-message={message.id}>
      {words[message.removed ?? "author"]}
    </p>
  );
}

function Face({ message, hidden }: { message: Message; hidden: boolean }) {
  if (hidden) return <span className="w-8 shrink-0" />;
  return <Avatar name={message.author.name} size={32} />;
}

function Head({ message, own, zone }: { message: Message; own: boolean; zone: string }) {
  return (
    <p className="flex gap-2 px-1 pb-0.5 text-xs text-ink-faint">
      {own ? null : <span className="font-medium text-ink-soft">{message.author.name}</span>}
      <time dateTime={message.posted_at}>{clock(new Date(message.posted_at), zone, currentLanguage())}</time>
    </p>
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

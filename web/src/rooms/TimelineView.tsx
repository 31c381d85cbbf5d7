import { useLingui } from "@lingui/react/macro";
import { MessageSquare } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { Empty, Failed, Loading } from "../ui/states";
import type { Message, Person } from "../wire/messages";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { NewestAnnounced } from "./NewestAnnounced";
import type { Rooms } from "./store";
import { TypingLine } from "./TypingLine";

interface Props {
  rooms: Rooms;
  room: string;
  people: readonly Person[];
  zone: string;
  /** The number of a message to be shown; otherwise reading goes on where it stopped. */
  at?: number | undefined;
  /** Moderators may take back messages of others. */
  mayDelete?: boolean;
}

/** A room's timeline with the place to write; the same beside a meeting and in the room. */
export function TimelineView(props: Props) {
  const { t } = useLingui();
  const { rooms, room, at } = props;
  const there = useStore(rooms.store, (s) => s.timelines[room] !== undefined);
  const failed = useStore(rooms.store, (s) => s.failed.includes(room));
  useEffect(() => {
    void rooms.open(room, at);
  }, [rooms, room, at]);
  if (there) return <Opened key={room} {...props} />;
  if (!failed) return <Loading label={t`Loading messages…`} />;
  return <Failed text={t`The messages could not be loaded.`} onRetry={() => void rooms.open(room, at)} />;
}

function Opened({ rooms, room, people, zone, mayDelete = false }: Props) {
  const { t } = useLingui();
  const [replyTo, setReplyTo] = useState<Message>();
  // Where the unread line stands is fixed when the room is opened.
  const [readBefore] = useState(() => rooms.store.getState().heads[room]?.read ?? 0);
  const shown = useStore(rooms.store, (s) => s.timelines[room]?.window ?? 0);
  const nothing = useStore(
    rooms.store,
    (s) => !s.timelines[room]?.messages.length && !s.drafts[room]?.length,
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {nothing ? (
        <div className="flex flex-1 items-center justify-center">
          <Empty icon={<MessageSquare size={28} />} title={t`No messages yet`}>
            <p>{t`Write the first one.`}</p>
          </Empty>
        </div>
      ) : (
        <MessageList
          key={shown}
          rooms={rooms}
          room={room}
          people={people}
          zone={zone}
          readBefore={readBefore}
          mayDelete={mayDelete}
          onReply={setReplyTo}
        />
      )}
      <NewestAnnounced rooms={rooms} room={room} />
      <TypingLine rooms={rooms} room={room} />
      <Composer
        rooms={rooms}
        room={room}
        people={people}
        replyTo={replyTo}
        onReplied={() => setReplyTo(undefined)}
      />
    </div>
  );
}

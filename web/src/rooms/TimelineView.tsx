import { useLingui } from "@lingui/react/macro";
import { MessageSquare } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { DropPlace } from "../files/DropPlace";
import { mostFiles } from "../files/uploads";
import { useUploads } from "../files/useUploads";
import { Empty, Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import type { Message, Person } from "../wire/messages";
import { Composer } from "./Composer";
import type { Names } from "./groups";
import { MessageList } from "./MessageList";
import { NewestAnnounced } from "./NewestAnnounced";
import { ScheduledLine } from "./Scheduled";
import { EditingContext, useScene } from "./scene";
import type { Rooms } from "./store";
import { TopicTimeline } from "./TopicTimeline";
import { TypingLine } from "./TypingLine";
import { Unconfirmed } from "./Unconfirmed";
import { keptWriting } from "./writing";

const nobody: Names = new Map();

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
  return <Room key={props.room} {...props} />;
}

function Room(props: Props) {
  const { rooms, room, people, at } = props;
  const scene = useScene();
  const [replyTo, setReplyTo] = useKeptReply(room);
  const [editing, edit] = useState<string>();
  const there = useStore(rooms.store, (s) => s.timelines[room] !== undefined);
  const { t } = useLingui();
  const uploads = useUploads(rooms, room);
  const addFiles = (files: File[]) => {
    if (uploads.add(files) > 0) toast(t`A message carries at most ${mostFiles} files.`, { tone: "danger" });
  };
  useEffect(() => {
    void rooms.open(room, at);
  }, [rooms, room, at]);
  return (
    <EditingContext value={{ id: editing, edit }}>
      <DropPlace onFiles={addFiles}>
        {there ? <Opened {...props} onReply={setReplyTo} /> : <Opening {...props} />}
        <NewestAnnounced rooms={rooms} room={room} />
        <TypingLine rooms={rooms} room={room} />
        {scene ? <ScheduledLine scene={scene} /> : null}
        <Composer
          key={scene?.topic ?? ""}
          rooms={rooms}
          room={room}
          people={people}
          uploads={uploads}
          onFiles={addFiles}
          replyTo={replyTo}
          onReplied={() => setReplyTo(undefined)}
        />
      </DropPlace>
    </EditingContext>
  );
}

/** The message that is being answered, also when one comes back to the room. */
function useKeptReply(room: string) {
  const scene = useScene();
  return useState<Message | undefined>(() =>
    scene ? keptWriting(localStorage, scene.me, room).replyTo : undefined,
  );
}

/** Nothing was read yet; what was written without a connection is there all the same. */
function Opening({ rooms, room, at, zone }: Props) {
  const { t } = useLingui();
  const failed = useStore(rooms.store, (s) => s.failed.includes(room));
  const drafts = useStore(rooms.store, (s) => s.drafts[room]) ?? [];
  return (
    <div
      role="log"
      aria-live="off"
      aria-label={t`Messages`}
      className="flex min-h-0 flex-1 flex-col overflow-y-auto px-3 py-2"
    >
      <div className="flex flex-1 items-center justify-center">
        {failed ? (
          <Failed text={t`The messages could not be loaded.`} onRetry={() => void rooms.open(room, at)} />
        ) : (
          <Loading label={t`Loading messages…`} />
        )}
      </div>
      {drafts.map((draft) => (
        <Unconfirmed
          key={draft.client_id}
          draft={draft}
          rooms={rooms}
          room={room}
          names={nobody}
          zone={zone}
        />
      ))}
    </div>
  );
}

function Opened({
  rooms,
  room,
  people,
  zone,
  mayDelete = false,
  onReply,
}: Props & { onReply: (m: Message) => void }) {
  const { t } = useLingui();
  const scene = useScene();
  const names: Names = useMemo(() => new Map(people.map((p) => [p.id, p.name])), [people]);
  // Where the unread line stands is fixed when the room is opened.
  const [readBefore] = useState(() => rooms.store.getState().heads[room]?.read ?? 0);
  const shown = useStore(rooms.store, (s) => s.timelines[room]?.window ?? 0);
  const nothing = useStore(
    rooms.store,
    (s) => !s.timelines[room]?.messages.length && !s.drafts[room]?.length,
  );
  if (scene?.topic)
    return <TopicTimeline key={scene.topic} scene={scene} rooms={rooms} names={names} onReply={onReply} />;
  if (nothing) {
    return (
      <div className="flex flex-1 items-center justify-center">
        <Empty icon={<MessageSquare size={28} />} title={t`No messages yet`}>
          <p>{t`Write the first one.`}</p>
        </Empty>
      </div>
    );
  }
  return (
    <MessageList
      key={shown}
      rooms={rooms}
      room={room}
      people={people}
      zone={zone}
      readBefore={readBefore}
      mayDelete={mayDelete}
      onReply={onReply}
    />
  );
}

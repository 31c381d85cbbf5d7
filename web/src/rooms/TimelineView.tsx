import { useLingui } from "@lingui/react/macro";
import { ArrowDown, MessageSquare } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { VList, type VListHandle } from "virtua";
import { useStore } from "zustand";
import { currentLanguage } from "../i18n/language";
import { day, zoneName } from "../time/format";
import { Button } from "../ui/Button";
import { Empty, Failed, Loading } from "../ui/states";
import type { Message, Person } from "../wire/messages";
import { Composer } from "./Composer";
import { type Row, rowsOf } from "./group";
import { MessageRow } from "./MessageRow";
import { NewestAnnounced } from "./NewestAnnounced";
import type { Rooms } from "./store";
import { TypingLine } from "./TypingLine";

interface Props {
  rooms: Rooms;
  room: string;
  people: readonly Person[];
  zone: string;
  /** Moderators may take back messages of others. */
  mayDelete?: boolean;
}

/** A room's timeline with the place to write; the same beside a meeting and in the room. */
export function TimelineView({ rooms, room, people, zone, mayDelete }: Props) {
  const { t } = useLingui();
  const timeline = useStore(rooms.store, (s) => s.timelines[room]);
  const failed = useStore(rooms.store, (s) => s.failed.includes(room));
  const [replyTo, setReplyTo] = useState<Message>();
  useEffect(() => {
    void rooms.open(room);
    setReplyTo(undefined);
  }, [rooms, room]);
  if (!timeline) {
    if (!failed) return <Loading label={t`Loading messages…`} />;
    return <Failed text={t`The messages could not be loaded.`} onRetry={() => void rooms.open(room)} />;
  }
  const nothing = timeline.messages.length === 0 && timeline.drafts.length === 0;
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
          key={room}
          rooms={rooms}
          room={room}
          people={people}
          zone={zone}
          mayDelete={mayDelete ?? false}
          onReply={setReplyTo}
        />
      )}
      <NewestAnnounced rooms={rooms} room={room} />
      <TypingLine rooms={rooms} room={room} />
      <Composer
        key={`composer-${room}`}
        rooms={rooms}
        room={room}
        people={people}
        replyTo={replyTo}
        onReplied={() => setReplyTo(undefined)}
      />
    </div>
  );
}

interface ListProps extends Props {
  mayDelete: boolean;
  onReply: (message: Message) => void;
}

function MessageList({ rooms, room, people, zone, mayDelete, onReply }: ListProps) {
  const { t } = useLingui();
  const list = useRef<VListHandle>(null);
  const timeline = useStore(rooms.store, (s) => s.timelines[room]);
  const me = useStore(rooms.store, (s) => s.me?.id ?? "");
  // Where the unread line stands is fixed when the room is opened.
  const [readBefore] = useState(() => rooms.store.getState().heads[room]?.read ?? 0);
  const rows = useMemo(
    () =>
      rowsOf(timeline?.messages ?? [], timeline?.drafts ?? [], zone, {
        after: readBefore,
        me,
        more: timeline?.more ?? false,
      }),
    [timeline, zone, readBefore, me],
  );
  const { holder, atEnd, prepending, onScroll } = useScroll(list, rooms, room, rows);
  const names = useMemo(() => people.map((p) => p.name), [people]);
  return (
    <div ref={holder} className="relative min-h-0 flex-1">
      <VList
        ref={list}
        shift={prepending}
        onScroll={onScroll}
        className="px-3 py-2"
        role="log"
        aria-live="off"
        aria-label={t`Messages`}
        tabIndex={0}
      >
        {rows.map((row) => (
          <RowView key={row.key} row={row} zone={zone}>
            {row.kind === "message" || row.kind === "draft" ? (
              <MessageRow
                row={row}
                rooms={rooms}
                room={room}
                me={me}
                zone={zone}
                names={names}
                mayDelete={mayDelete}
                onReply={onReply}
              />
            ) : null}
          </RowView>
        ))}
      </VList>
      {atEnd ? null : (
        <div className="absolute inset-x-0 bottom-2 flex justify-center">
          <Button
            small
            className="shadow-lift"
            onPress={() => list.current?.scrollToIndex(rows.length - 1, { align: "end" })}
          >
            <ArrowDown size={16} />
            {t`To the newest`}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Keeps to the end while one is there, asks for older messages near the beginning, marks as read what is seen. */
function useScroll(list: { current: VListHandle | null }, rooms: Rooms, room: string, rows: readonly Row[]) {
  const holder = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  const count = rows.length;
  const last = useRef(count);
  last.current = count;
  const first = rows.find((r) => r.kind === "message")?.key;
  const before = useRef(first);
  const prepending = before.current !== first;
  useLayoutEffect(() => {
    before.current = first;
  });
  useLayoutEffect(() => {
    if (sticks.current) list.current?.scrollToIndex(count - 1, { align: "end" });
  }, [count, list]);
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (sticks.current) list.current?.scrollToIndex(last.current - 1, { align: "end" });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);
  useReadAtEnd(rooms, room, atEnd);
  const onScroll = (offset: number) => {
    const handle = list.current;
    if (!handle) return;
    const left = handle.scrollSize - handle.viewportSize - offset;
    sticks.current = left < 60;
    setAtEnd(sticks.current);
    if (offset < 400) void rooms.older(room);
  };
  return { holder, atEnd, prepending, onScroll };
}

/** What is seen at the end has been read. */
function useReadAtEnd(rooms: Rooms, room: string, atEnd: boolean) {
  const head = useStore(rooms.store, (s) => s.heads[room]?.seq ?? 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every new message at the end is read when it is seen
  useEffect(() => {
    const mark = () => {
      if (atEnd && document.visibilityState === "visible") rooms.read(room);
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [atEnd, head, rooms, room]);
}

function RowView({ row, zone, children }: { row: Row; zone: string; children: React.ReactNode }) {
  const { t } = useLingui();
  if (row.kind === "day") {
    return (
      <div className="flex justify-center py-3 text-xs text-ink-faint">
        <span className="rounded-full bg-sunken px-3 py-0.5">
          {day(row.at, zone, currentLanguage())} · {zoneName(zone, currentLanguage())}
        </span>
      </div>
    );
  }
  if (row.kind === "new") {
    return (
      <div className="flex items-center gap-3 py-2 text-xs text-accent">
        <span className="h-px flex-1 bg-accent/40" />
        {t`New messages`}
        <span className="h-px flex-1 bg-accent/40" />
      </div>
    );
  }
  return children;
}

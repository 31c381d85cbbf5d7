import { useLingui } from "@lingui/react/macro";
import { ArrowDown } from "lucide-react";
import { type ReactNode, useMemo, useRef } from "react";
import { VList, type VListHandle } from "virtua";
import { useStore } from "zustand";
import { currentLanguage } from "../i18n/language";
import { day, zoneName } from "../time/format";
import { Button } from "../ui/Button";
import type { Message, Person } from "../wire/messages";
import { type Row, rowsOf } from "./group";
import type { Names } from "./groups";
import { MessageRow } from "./MessageRow";
import type { Rooms } from "./store";
import { useScroll } from "./useScroll";

interface Props {
  rooms: Rooms;
  room: string;
  people: readonly Person[];
  zone: string;
  /** The number up to which the room was read when it was opened. */
  readBefore: number;
  mayDelete: boolean;
  onReply: (message: Message) => void;
}

const nothing: readonly never[] = [];

/** One window of a room's messages, of which only what is in sight is in the document. */
export function MessageList({ rooms, room, people, zone, readBefore, mayDelete, onReply }: Props) {
  const { t } = useLingui();
  const list = useRef<VListHandle>(null);
  const timeline = useStore(rooms.store, (s) => s.timelines[room]);
  const drafts = useStore(rooms.store, (s) => s.drafts[room]) ?? nothing;
  const me = useStore(rooms.store, (s) => s.me?.id ?? "");
  const rows = useMemo(
    () =>
      rowsOf(timeline?.messages ?? [], timeline?.newer ? [] : drafts, zone, {
        after: readBefore,
        me,
        more: timeline?.more ?? false,
      }),
    [timeline, drafts, zone, readBefore, me],
  );
  const { holder, atEnd, prepending, marked, onScroll, toNewest } = useScroll({
    list,
    rooms,
    room,
    rows,
    timeline,
  });
  const names: Names = useMemo(() => new Map(people.map((p) => [p.id, p.name])), [people]);
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
          <RowView key={row.key} row={row} zone={zone} marked={marked === row.key}>
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
        <div className="pointer-events-none absolute inset-x-0 bottom-2 flex justify-center">
          <Button small className="pointer-events-auto shadow-lift" onPress={toNewest}>
            <ArrowDown size={16} />
            {t`To the newest`}
          </Button>
        </div>
      )}
    </div>
  );
}

interface RowProps {
  row: Row;
  zone: string;
  marked: boolean;
  children: ReactNode;
}

/** A line of a timeline that is no message, or the frame of one. */
export function RowView({ row, zone, marked, children }: RowProps) {
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
  if (!marked) return children;
  return (
    <div data-marked className="-mx-3 bg-warn-soft px-3">
      {children}
    </div>
  );
}

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VListHandle } from "virtua";
import type { Row } from "./group";
import type { Rooms } from "./store";
import type { Focus, Timeline } from "./timeline";

interface What {
  list: RefObject<VListHandle | null>;
  rooms: Rooms;
  room: string;
  rows: readonly Row[];
  timeline: Timeline | undefined;
}

/** How near to an end of the list, in pixels, one is there, and more is read. */
const near = 60;
const ahead = 400;
/** How long a message that was looked for stays marked, in milliseconds. */
const markFor = 2500;

/**
 * Moves the list: to what is to be seen first, along with new messages while
 * one is at the end, nowhere else. Near an end of the window more is read.
 */
export function useScroll({ list, rooms, room, rows, timeline }: What) {
  const holder = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(timeline?.focus === undefined);
  const sticks = useRef(atEnd);
  const latest = useRef({ rows, newer: false });
  latest.current = { rows, newer: timeline?.newer ?? false };
  const readSeen = useReading(list, rooms, room, latest);

  const toEnd = useCallback(() => {
    list.current?.scrollToIndex(latest.current.rows.length - 1, { align: "end" });
  }, [list]);
  const look = useCallback(() => {
    const handle = list.current;
    if (!handle || handle.viewportSize === 0) return; // not measured yet
    const left = handle.scrollSize - handle.viewportSize - handle.scrollOffset;
    sticks.current = left < near && !latest.current.newer;
    setAtEnd(sticks.current);
    readSeen(sticks.current);
    if (handle.scrollOffset < ahead) void rooms.older(room);
    if (left < ahead && latest.current.newer) void rooms.newer(room);
  }, [list, rooms, room, readSeen]);

  const first = rows.find((r) => r.kind === "message")?.key;
  const before = useRef(first);
  const prepending = before.current !== first;
  useLayoutEffect(() => {
    before.current = first;
  });
  const marked = useFocus(list, timeline?.focus, latest, sticks);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is added at the end is followed
  useLayoutEffect(() => {
    if (latest.current.rows.at(-1)?.kind === "draft") sticks.current = true; // one sees what one writes
    if (sticks.current) toEnd();
    const frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [rows.length, toEnd, look]);
  useEffect(() => {
    if (!holder.current) return;
    let frame = 0;
    const observer = new ResizeObserver(() => {
      if (sticks.current) toEnd();
      frame = requestAnimationFrame(look); // a list that is shorter than its place never scrolls
    });
    observer.observe(holder.current);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [toEnd, look]);
  const toNewest = () => (latest.current.newer ? void rooms.newest(room) : toEnd());
  return { holder, atEnd, prepending, marked, onScroll: look, toNewest };
}

type Latest = RefObject<{ rows: readonly Row[]; newer: boolean }>;

/** Brings what is to be seen into sight, and returns the key of the row that is marked for a moment. */
function useFocus(
  list: RefObject<VListHandle | null>,
  focus: Focus | undefined,
  latest: Latest,
  sticks: RefObject<boolean>,
): string | undefined {
  const [marked, setMarked] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn is one wish
  useLayoutEffect(() => {
    if (!focus) return;
    const { rows } = latest.current;
    const index = focus.mark
      ? rows.findIndex((r) => r.kind === "message" && r.message.seq >= focus.seq)
      : rows.findIndex((r) => r.kind === "new");
    if (index < 0) {
      sticks.current = true; // nothing of it is left: the end is the best place
      return;
    }
    sticks.current = false;
    list.current?.scrollToIndex(index, { align: focus.mark ? "center" : "start" });
    if (!focus.mark) return;
    setMarked(rows[index]?.key);
    const timer = setTimeout(() => setMarked(undefined), markFor);
    return () => clearTimeout(timer);
  }, [focus?.turn]);
  return marked;
}

/** How long one looks before it counts as read, in milliseconds; it also keeps scrolling from flooding the node. */
const readAfter = 400;

/** Marks as read what is seen while the page is: up to the lowest message in sight, or all at the end. */
function useReading(list: RefObject<VListHandle | null>, rooms: Rooms, room: string, latest: Latest) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const end = useRef(false);
  const mark = useCallback(() => {
    const handle = list.current;
    if (!handle || document.visibilityState !== "visible") return;
    if (end.current) return rooms.read(room);
    const lowest = handle.findItemIndex(handle.scrollOffset + handle.viewportSize - near);
    const seen = latest.current.rows.slice(0, lowest + 1).findLast((r) => r.kind === "message");
    if (seen?.kind === "message") rooms.read(room, seen.message.seq);
  }, [list, rooms, room, latest]);
  useEffect(() => {
    document.addEventListener("visibilitychange", mark);
    // What happens to earlier messages moves the head, too, and shows no new row.
    const stop = rooms.store.subscribe((now, then) => {
      if (now.heads[room]?.seq !== then.heads[room]?.seq && end.current) mark();
    });
    return () => {
      document.removeEventListener("visibilitychange", mark);
      stop();
      clearTimeout(timer.current);
    };
  }, [mark, rooms, room]);
  return useCallback(
    (atEnd: boolean) => {
      end.current = atEnd;
      clearTimeout(timer.current);
      if (atEnd) mark();
      else timer.current = setTimeout(mark, readAfter);
    },
    [mark],
  );
}

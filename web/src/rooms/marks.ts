import type { StoreApi } from "zustand/vanilla";
import type { Link } from "../link/link";
import type { Marks } from "../wire/messages";
import { type Head, headOf, type RoomsState, readUpTo } from "./state";

/** Keeps how far the others have read the rooms that are looked at, whole through every loss of connection. */
export function createMarks(link: Link, store: StoreApi<RoomsState>) {
  /** The newest mark we know, of every room that was looked at; 0 until they were read. */
  const known = new Map<string, number>();
  const asking = new Set<string>();

  const take = ({ room, marks, newest }: Marks) => {
    store.setState((s) => {
      let next = s;
      for (const { person, seq } of marks) next = { ...next, ...readUpTo(next, room, person, seq) };
      const head = next.heads[room];
      const heads =
        head && head.mark < newest ? { ...next.heads, [room]: { ...head, mark: newest } } : next.heads;
      return { ...next, heads };
    });
  };

  /** Reads what is missing of a room; what fails is read after the next welcome. */
  const ask = async (room: string): Promise<void> => {
    if (asking.has(room)) return;
    asking.add(room);
    try {
      const page = await link.request("get_marks", { room, after: known.get(room) ?? 0 });
      take(page);
      known.set(room, Math.max(page.newest, 1));
    } catch {
      // see above
    } finally {
      asking.delete(room);
    }
  };

  return {
    take: (marks: Marks) => {
      // Announcements come without gaps: they go on where the last one, or the welcome, was.
      const before = known.get(marks.room);
      if (before) known.set(marks.room, Math.max(before, marks.newest));
      take(marks);
    },
    open: (room: string) => {
      if (known.has(room)) return;
      known.set(room, 0);
      if (headOf(store.getState(), room).seq > 0) void ask(room);
    },
    welcomed: (heads: { readonly [room: string]: Head }) => {
      for (const [room, mark] of known) if (mark === 0 || (heads[room]?.mark ?? 0) > mark) void ask(room);
    },
  };
}

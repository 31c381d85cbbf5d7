import type { StoreApi } from "zustand/vanilla";
import { Disconnected } from "../link/answers";
import type { Link } from "../link/link";
import type { History, HistoryPage } from "../wire/messages";
import { createCatchUp } from "./catchUp";
import { headOf, type RoomsState } from "./state";
import { fromPage, holds, type Timeline, withFocus, withNewer, withOlder } from "./timeline";

const pageLength = 50;
/** How many unread messages the newest page shows together with what was read before them. */
const fewUnread = pageLength - 15;

/** Reads pages of timelines: where one left off, older and newer ones, and what was missed. */
export function createPages(link: Link, store: StoreApi<RoomsState>) {
  const loading = new Set<string>();
  /** Rooms that are looked at and whose first page has not come yet, and where they are to be opened. */
  const wanted = new Map<string, number | undefined>();
  const get = (room: string) => store.getState().timelines[room];
  const set = (room: string, timeline: Timeline) =>
    store.setState((s) => ({ timelines: { ...s.timelines, [room]: timeline } }));

  const { one: catchUp, all: catchUpAll } = createCatchUp(link, { get, set });

  /** Shows another window of a room: around a number, or the newest. */
  const show = async (room: string, around: number, focus?: { seq: number; mark: boolean }) => {
    const body = around > 0 ? { room, before: 0, around, limit: pageLength } : newest(room);
    const page = await link.request("history", body);
    const timeline = fromPage(page, get(room));
    set(room, focus ? withFocus(timeline, focus.seq, focus.mark) : timeline);
    if (headOf(store.getState(), room).seq > page.head) void catchUp(room);
  };

  const guarded = async (room: string, read: () => Promise<void>, failed?: () => void) => {
    if (loading.has(room)) return;
    loading.add(room);
    try {
      await read();
    } catch (error) {
      if (!(error instanceof Disconnected)) failed?.();
    } finally {
      loading.delete(room);
    }
  };

  /** Opens a room at a message, else where reading stopped, else at the end. */
  const open = async (room: string, at?: number): Promise<void> => {
    if (get(room)) return at === undefined ? undefined : jump(room, at);
    wanted.set(room, at);
    store.setState((s) => ({ failed: s.failed.filter((r) => r !== room) }));
    const read = async () => {
      const { unread, read: lastRead } = headOf(store.getState(), room);
      if (at !== undefined) await show(room, at, { seq: at, mark: true });
      else if (unread > 0)
        await show(room, unread > fewUnread ? lastRead : 0, { seq: lastRead, mark: false });
      else await show(room, 0);
      wanted.delete(room);
    };
    await guarded(room, read, () => {
      wanted.delete(room);
      store.setState((s) => ({ failed: [...s.failed, room] }));
    });
  };

  /** Brings a message into sight, from wherever it is. */
  const jump = async (room: string, seq: number): Promise<void> => {
    const timeline = get(room);
    if (!timeline) return open(room, seq);
    if (holds(timeline, seq)) return set(room, withFocus(timeline, seq, true));
    await guarded(room, () => show(room, seq, { seq, mark: true }));
  };

  return {
    get,
    set,
    open,
    jump,
    ...createExtending(link, { get, set }, guarded),
    /** Shows the end of a room, where it is not shown yet. */
    newest: async (room: string) => {
      if (get(room)?.newer) await guarded(room, () => show(room, 0));
    },
    catchUp,
    catchUpAll,
    openWanted: () => {
      for (const [room, at] of wanted) void open(room, at);
    },
  };
}

interface Timelines {
  get: (room: string) => Timeline | undefined;
  set: (room: string, timeline: Timeline) => void;
}

type Guarded = (room: string, read: () => Promise<void>) => Promise<void>;

/** Makes a window longer at either end. What fails is asked for again when one scrolls on. */
function createExtending(link: Link, { get, set }: Timelines, guarded: Guarded) {
  const extend = async (
    room: string,
    ask: (timeline: Timeline) => History | undefined,
    join: (timeline: Timeline, page: HistoryPage) => Timeline,
  ) => {
    const asked = get(room);
    const body = asked && ask(asked);
    if (!body) return;
    await guarded(room, async () => {
      const page = await link.request("history", body);
      const now = get(room);
      if (now?.window === asked.window) set(room, join(now, page)); // else another window was opened meanwhile
    });
  };
  return {
    older: (room: string) =>
      extend(
        room,
        ({ more, messages: [first] }) =>
          more && first ? { room, before: first.seq, limit: pageLength } : undefined,
        withOlder,
      ),
    newer: (room: string) =>
      extend(
        room,
        ({ newer, messages }) => {
          const last = messages.at(-1);
          return newer && last ? { room, before: 0, after: last.seq, limit: pageLength } : undefined;
        },
        withNewer,
      ),
  };
}

function newest(room: string) {
  return { room, before: 0, limit: pageLength };
}

import type { StoreApi } from "zustand/vanilla";
import { Disconnected } from "../link/answers";
import type { Link } from "../link/link";
import { createCatchUp } from "./catchUp";
import { headOf, type RoomsState } from "./state";
import { fromPage, type Timeline, withOlder } from "./timeline";

const pageLength = 50;

/** Reads pages of timelines: the newest, older ones, and what was missed. */
export function createPages(link: Link, store: StoreApi<RoomsState>) {
  const loading = new Set<string>();
  /** Rooms that are looked at and whose first page has not come yet. */
  const wanted = new Set<string>();
  const get = (room: string) => store.getState().timelines[room];
  const set = (room: string, timeline: Timeline) =>
    store.setState((s) => ({ timelines: { ...s.timelines, [room]: timeline } }));

  const { one: catchUp, all: catchUpAll } = createCatchUp(link, { get, set });

  const open = async (room: string): Promise<void> => {
    if (get(room) || loading.has(room)) return;
    wanted.add(room);
    loading.add(room);
    store.setState((s) => ({ failed: s.failed.filter((r) => r !== room) }));
    try {
      const page = await link.request("history", { room, before: 0, limit: pageLength });
      wanted.delete(room);
      set(room, fromPage(page));
      if (headOf(store.getState(), room).seq > page.head) void catchUp(room);
    } catch (error) {
      if (error instanceof Disconnected) return; // the next welcome opens it
      store.setState((s) => ({ failed: [...s.failed, room] }));
    } finally {
      loading.delete(room);
    }
  };

  const older = async (room: string): Promise<void> => {
    const timeline = get(room);
    const first = timeline?.messages[0];
    if (!timeline?.more || !first || loading.has(room)) return;
    loading.add(room);
    try {
      const page = await link.request("history", { room, before: first.seq, limit: pageLength });
      set(room, withOlder(get(room) ?? timeline, page));
    } catch {
      // Scrolling up again asks again.
    } finally {
      loading.delete(room);
    }
  };

  return {
    get,
    set,
    open,
    older,
    catchUp,
    catchUpAll,
    openWanted: () => {
      for (const room of wanted) void open(room);
    },
  };
}

import type { StoreApi } from "zustand/vanilla";
import { Disconnected } from "../link/answers";
import type { Link } from "../link/link";
import { headOf, type RoomsState } from "./state";
import { fromPage, type Timeline, withEvents, withOlder } from "./timeline";

const pageLength = 50;
const eventsLength = 200;

/** Reads pages of timelines: the newest, older ones, and what was missed. */
export function createPages(link: Link, store: StoreApi<RoomsState>) {
  const loading = new Set<string>();
  const catching = new Set<string>();
  /** Rooms that are looked at and whose first page has not come yet. */
  const wanted = new Set<string>();
  const get = (room: string) => store.getState().timelines[room];
  const set = (room: string, timeline: Timeline) =>
    store.setState((s) => ({ timelines: { ...s.timelines, [room]: timeline } }));

  const catchUp = async (room: string): Promise<void> => {
    if (catching.has(room)) return;
    catching.add(room);
    try {
      for (let more = true; more; ) {
        const timeline = get(room);
        if (!timeline) return;
        const page = await link.request("catch_up", { room, after: timeline.known, limit: eventsLength });
        set(room, withEvents(get(room) ?? timeline, page));
        more = page.more && page.events.length > 0;
      }
    } catch {
      // The next welcome, or the next event that shows the gap, tries again.
    } finally {
      catching.delete(room);
    }
  };

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
    openWanted: () => {
      for (const room of wanted) void open(room);
    },
  };
}

import type { Link } from "../link/link";
import type { Event } from "../wire/messages";
import { type Timeline, withEvents } from "./timeline";

const eventsLength = 200;
/** How many rooms the node catches up with at once. */
const maxCursors = 1000;

interface Timelines {
  get: (room: string) => Timeline | undefined;
  set: (room: string, timeline: Timeline) => void;
}

/** Reads what was missed, in one room or in many. */
export function createCatchUp(link: Link, { get, set }: Timelines) {
  const catching = new Set<string>();

  const apply = (room: string, events: Event[]) => {
    const timeline = get(room);
    if (timeline) set(room, withEvents(timeline, { room, events, more: false }));
  };

  /** Holds the rooms for one who reads; what fails is tried by the next welcome, or the next event that shows the gap. */
  const during = async (rooms: readonly string[], read: () => Promise<void>): Promise<void> => {
    for (const room of rooms) catching.add(room);
    try {
      await read();
    } catch {
      // see above
    } finally {
      for (const room of rooms) catching.delete(room);
    }
  };

  const one = async (room: string): Promise<void> => {
    if (catching.has(room)) return;
    await during([room], async () => {
      for (let more = true; more; ) {
        const timeline = get(room);
        if (!timeline) return;
        const page = await link.request("catch_up", { room, after: timeline.known, limit: eventsLength });
        apply(room, page.events);
        more = page.more && page.events.length > 0;
      }
    });
  };

  /** Common pages for many rooms: one message each would be a flood. */
  const all = async (wanted: readonly string[]): Promise<void> => {
    const rooms = wanted.filter((room) => !catching.has(room)).slice(0, maxCursors);
    if (rooms.length === 1 && rooms[0]) return one(rooms[0]);
    if (rooms.length === 0) return;
    await during(rooms, async () => {
      for (let more = true; more; ) {
        const cursors = rooms.map((room) => ({ room, after: get(room)?.known ?? 0 }));
        const page = await link.request("catch_up_rooms", { rooms: cursors, limit: eventsLength });
        for (const event of page.events) apply(event.room, [event]);
        more = page.more && page.events.length > 0;
      }
    });
  };

  return { one, all };
}

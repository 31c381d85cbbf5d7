import type { StoreApi } from "zustand/vanilla";
import type { Person } from "../wire/messages";
import type { RoomsState } from "./state";

/** How long one word about typing is good for, in milliseconds. */
const lasts = 6000;

/** Keeps who is writing, and says ourselves that we do, not too often. */
export function createTyping(store: StoreApi<RoomsState>, say: (room: string) => void) {
  const said = new Map<string, number>();

  const stopped = (room: string, person: string) => {
    const now = store.getState().typing[room];
    if (!now?.some((t) => t.person.id === person)) return;
    const left = now.filter((t) => t.person.id !== person);
    store.setState((s) => ({ typing: { ...s.typing, [room]: left } }));
  };

  const started = (room: string, person: Person) => {
    if (person.id === store.getState().me?.id) return;
    const until = Date.now() + lasts;
    store.setState((s) => {
      const others = (s.typing[room] ?? []).filter((t) => t.person.id !== person.id && t.until > Date.now());
      return { typing: { ...s.typing, [room]: [...others, { person, until }] } };
    });
    setTimeout(() => {
      const still = store.getState().typing[room]?.find((t) => t.person.id === person.id);
      if (still && still.until <= Date.now()) stopped(room, person.id);
    }, lasts + 50);
  };

  return {
    started,
    stopped,
    /** We are writing. */
    write: (room: string) => {
      if (Date.now() - (said.get(room) ?? 0) < lasts / 2) return;
      said.set(room, Date.now());
      say(room);
    },
    /** We have sent it: the next key says so again at once. */
    sent: (room: string) => said.delete(room),
  };
}

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Event, Message, Person, RoomHead } from "../wire/messages";
import type { Draft } from "./draft";
import { mentions } from "./groups";
import type { Timeline } from "./timeline";

/** Where a room stands for us: how far it goes, how far we read, what is new. */
export type Head = Omit<RoomHead, "room">;

export interface RoomsState {
  me: Person | undefined;
  /** What our account is in the organisation; guests are nothing. */
  role: string | undefined;
  heads: { readonly [room: string]: Head };
  timelines: { readonly [room: string]: Timeline };
  /** What we wrote and the node has not confirmed yet. */
  drafts: { readonly [room: string]: readonly Draft[] };
  /** Rooms whose first page could not be read. */
  failed: readonly string[];
  /** The newest message of a room, where an event told us a newer one than the list. */
  latest: { readonly [room: string]: Message };
  typing: { readonly [room: string]: readonly { person: Person; until: number }[] };
  readers: { readonly [room: string]: { readonly [person: string]: number } };
  online: ReadonlySet<string>;
  /** How many people are in a room's live meeting; 0 when it has none. */
  live: { readonly [room: string]: number };
}

/** Nothing known yet. */
export function createState(): StoreApi<RoomsState> {
  return createStore<RoomsState>()(() => ({
    me: undefined,
    role: undefined,
    heads: {},
    timelines: {},
    drafts: {},
    failed: [],
    latest: {},
    typing: {},
    readers: {},
    online: new Set(),
    live: {},
  }));
}

const nothing: Head = { seq: 0, read: 0, unread: 0, mentions: 0, mark: 0, manages: false };

/** A room's head; a room we have not heard of has nothing in it. */
export function headOf(state: RoomsState, room: string): Head {
  return state.heads[room] ?? nothing;
}

/** The state after an event as far as lists are concerned: numbers, what is unread, the newest message. */
export function counted(state: RoomsState, event: Event): Partial<RoomsState> {
  const head = headOf(state, event.room);
  if (event.seq <= head.seq) return {};
  const others = event.kind === "posted" && event.message.author.id !== state.me?.id;
  const meant = others && mentions(event.message, state.me?.id ?? "", state.role, head);
  const heads = {
    ...state.heads,
    [event.room]: {
      ...head,
      seq: event.seq,
      unread: head.unread + (others ? 1 : 0),
      mentions: head.mentions + (meant ? 1 : 0),
    },
  };
  const isNewest = event.kind === "posted" || state.latest[event.room]?.id === event.message.id;
  return isNewest ? { heads, latest: { ...state.latest, [event.room]: event.message } } : { heads };
}

/** The state after somebody has read a room up to a number. */
export function readUpTo(state: RoomsState, room: string, person: Person, seq: number): Partial<RoomsState> {
  const known = state.readers[room] ?? {};
  const furthest = Math.max(seq, known[person.id] ?? 0);
  const readers = { ...state.readers, [room]: { ...known, [person.id]: furthest } };
  const head = headOf(state, room);
  if (person.id !== state.me?.id || seq <= head.read) return { readers };
  const seen = seq >= head.seq ? undefined : seenBetween(state, room, head.read, seq);
  const meant = seen?.filter((m) => mentions(m, person.id, state.role, head));
  const unread = seen ? Math.max(0, head.unread - seen.length) : 0;
  const left = meant ? Math.max(0, head.mentions - meant.length) : 0;
  return { readers, heads: { ...state.heads, [room]: { ...head, read: seq, unread, mentions: left } } };
}

/** The messages of others that we hold after one number and up to another. */
function seenBetween(state: RoomsState, room: string, after: number, upTo: number): Message[] {
  const messages = state.timelines[room]?.messages ?? [];
  return messages.filter((m) => m.seq > after && m.seq <= upTo && m.author.id !== state.me?.id && !m.deleted);
}

import type { StoreApi } from "zustand/vanilla";
import type { RoomFrame } from "../link/dispatch";
import type { Link } from "../link/link";
import type { Edit, Event, Marks, Message, Welcome } from "../wire/messages";
import type { Extras } from "./draft";
import { type Drawer, noDrawer } from "./drawer";
import { createMarks } from "./marks";
import { createOutbox } from "./outbox";
import { createPages } from "./pages";
import { counted, createState, type Head, headOf, type RoomsState, readUpTo } from "./state";
import { withEvent } from "./timeline";
import { createTyping } from "./typing";

/** The rooms of whoever is signed in: their timelines, kept whole through every loss of connection. */
export interface Rooms {
  store: StoreApi<RoomsState>;
  take: (frame: RoomFrame) => void;
  /** Opens a room at a message's number, else where reading stopped. */
  open: (room: string, at?: number) => Promise<void>;
  older: (room: string) => Promise<void>;
  newer: (room: string) => Promise<void>;
  newest: (room: string) => Promise<void>;
  /** Brings a message into sight, from wherever it is. */
  jump: (room: string, seq: number) => Promise<void>;
  post: (room: string, text: string, more?: Extras) => void;
  retry: (room: string, draft: string) => void;
  discard: (room: string, draft: string) => void;
  edit: (room: string, message: string, revision: Revision) => Promise<void>;
  remove: (room: string, message: string) => Promise<void>;
  react: (room: string, message: string, emoji: string, on: boolean) => Promise<void>;
  pin: (room: string, message: string, on: boolean) => Promise<void>;
  confirm: (room: string, message: string) => Promise<void>;
  /** Notes that a room was read up to a message, or to its end. */
  read: (room: string, seq?: number) => void;
  typing: (room: string) => void;
  /** Tells of every event, until the function that it returns is called. */
  hear: (listener: (event: Event) => void) => () => void;
  close: () => void;
}

/** What a message of ours says from now on. */
export type Revision = Omit<Edit, "room" | "message">;

interface Options {
  /** Told when the list of rooms is to be read again. */
  changed?: () => void;
  /** What our account is in the organisation. */
  role?: string;
  /** Where what is not sent yet outlives the page. */
  drawer?: Drawer;
}

/** Makes the store of rooms over a link. */
export function createRooms(
  link: Link,
  { changed = () => undefined, role, drawer = noDrawer }: Options = {},
): Rooms {
  const store = createState();
  store.setState({ role });
  const pages = createPages(link, store);
  const marks = createMarks(link, store);
  const listeners = new Set<(event: Event) => void>();
  const typing = createTyping(store, (room) => link.send("typing", { room }));

  const happened = (event: Event) => {
    store.setState((s) => counted(s, event));
    typing.stopped(event.room, event.message.author.id);
    outbox.settle(event);
    for (const listener of listeners) listener(event);
    const timeline = pages.get(event.room);
    if (!timeline) return;
    const next = withEvent(timeline, event);
    pages.set(event.room, next.timeline);
    if (next.gap) void pages.catchUp(event.room);
  };
  const read = createReading(link, store);
  const outbox = createOutbox(link, store, drawer, happened, read);

  const welcomed = (welcome: Welcome) => {
    const heads: { [room: string]: Head } = {};
    for (const { room, ...head } of welcome.rooms) heads[room] = head;
    store.setState({ me: welcome.me, heads, online: new Set(welcome.online), failed: [] });
    // The link counts as open only after its welcomes were heard.
    queueMicrotask(() => {
      pages.openWanted();
      const timelines = Object.entries(store.getState().timelines);
      void pages.catchUpAll(
        timelines.filter(([room, t]) => (heads[room]?.seq ?? 0) > t.known).map(([room]) => room),
      );
      marks.welcomed(heads);
      outbox.resume();
    });
    changed();
  };

  const stop = link.onWelcome(welcomed);
  const now = link.state.getState();
  if (now.phase === "open") welcomed(now.welcome);
  return {
    store,
    take: createTake(store, { happened, typing: typing.started, changed, marked: marks.take }),
    open: (room, at) => {
      marks.open(room);
      return pages.open(room, at);
    },
    older: pages.older,
    newer: pages.newer,
    newest: pages.newest,
    jump: pages.jump,
    typing: typing.write,
    post: (room, text, more) => {
      outbox.add(room, text, more);
      typing.sent(room);
      void pages.newest(room); // one sees what one writes
    },
    retry: outbox.retry,
    discard: outbox.discard,
    ...createChanging(link, happened),
    read,
    hear: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      outbox.close();
      stop();
    },
  };
}

/** Notes how far we read, here and at the node. */
function createReading(link: Link, store: StoreApi<RoomsState>): Rooms["read"] {
  return (room, upTo) => {
    const { read, seq } = headOf(store.getState(), room);
    const me = store.getState().me;
    const to = Math.min(upTo ?? seq, seq);
    if (read >= to || !me) return;
    store.setState((s) => readUpTo(s, room, me, to));
    link.send("read", { room, seq: to });
  };
}

interface Takers {
  happened: (event: Event) => void;
  typing: (room: string, person: Message["author"]) => void;
  changed: () => void;
  marked: (marks: Marks) => void;
}

/** What the node's messages do to the store. */
function createTake(store: StoreApi<RoomsState>, takers: Takers): Rooms["take"] {
  return (frame) => {
    switch (frame.type) {
      case "event":
      case "posted":
        return takers.happened(frame.body.event);
      case "history_page":
      case "events_page":
      case "rooms_events":
        return; // those who asked have them
      case "marks":
        return takers.marked(frame.body);
      case "is_typing":
        return takers.typing(frame.body.room, frame.body.person);
      case "room_live": {
        const { room, live, participants } = frame.body;
        return store.setState((s) => ({ live: { ...s.live, [room]: live ? Math.max(1, participants) : 0 } }));
      }
      case "rooms_changed":
        return takers.changed();
      case "presence": {
        const online = new Set(store.getState().online);
        if (frame.body.online) online.add(frame.body.account);
        else online.delete(frame.body.account);
        return store.setState({ online });
      }
      default:
        frame satisfies never;
    }
  };
}

type Changing = Pick<Rooms, "edit" | "remove" | "react" | "pin" | "confirm">;

/** What we do with messages that are there. */
function createChanging(link: Link, happened: (event: Event) => void): Changing {
  return {
    edit: async (room, message, revision) => {
      happened((await link.request("edit", { ...revision, room, message })).event);
    },
    remove: async (room, message) => {
      happened((await link.request("delete", { room, message })).event);
    },
    react: async (room, message, emoji, on) => {
      happened((await link.request("react", { room, message, emoji, on })).event);
    },
    pin: async (room, message, on) => {
      happened((await link.request("pin", { room, message, on })).event);
    },
    confirm: async (room, message) => {
      happened((await link.request("confirm", { room, message })).event);
    },
  };
}

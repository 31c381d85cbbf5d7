import type { StoreApi } from "zustand/vanilla";
import type { RoomFrame } from "../link/dispatch";
import type { Link } from "../link/link";
import type { Event, Message, Welcome } from "../wire/messages";
import { clientId } from "./clientId";
import { createOutbox } from "./outbox";
import { createPages } from "./pages";
import { counted, createState, type Head, headOf, type RoomsState, readUpTo } from "./state";
import { type Draft, type Extras, withDraft, withEvent, withoutDraft } from "./timeline";
import { createTyping } from "./typing";

/** The rooms of whoever is signed in: their timelines, kept whole through every loss of connection. */
export interface Rooms {
  store: StoreApi<RoomsState>;
  take: (frame: RoomFrame) => void;
  open: (room: string) => Promise<void>;
  older: (room: string) => Promise<void>;
  post: (room: string, text: string, more?: Extras) => void;
  retry: (room: string, draft: string) => void;
  discard: (room: string, draft: string) => void;
  edit: (room: string, message: string, text: string) => Promise<void>;
  remove: (room: string, message: string) => Promise<void>;
  react: (room: string, message: string, emoji: string, on: boolean) => Promise<void>;
  pin: (room: string, message: string, on: boolean) => Promise<void>;
  confirm: (room: string, message: string) => Promise<void>;
  read: (room: string) => void;
  typing: (room: string) => void;
  close: () => void;
}

/** Makes the store of rooms over a link. Changed is told when the list of rooms is to be read again. */
export function createRooms(link: Link, changed: () => void = () => undefined): Rooms {
  const store = createState();
  const pages = createPages(link, store);
  const typing = createTyping(store, (room) => link.send("typing", { room }));

  const happened = (event: Event) => {
    store.setState((s) => counted(s, event));
    typing.stopped(event.room, event.message.author.id);
    const timeline = pages.get(event.room);
    if (!timeline) return;
    const next = withEvent(timeline, event);
    pages.set(event.room, next.timeline);
    if (next.gap) void pages.catchUp(event.room);
  };
  const deliver = createOutbox(link, { get: pages.get, set: pages.set, happened });

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
      for (const [room, timeline] of timelines) {
        for (const draft of timeline.drafts) if (draft.state === "sending") deliver(room, draft);
      }
    });
    changed();
  };

  const stop = link.onWelcome(welcomed);
  const now = link.state.getState();
  if (now.phase === "open") welcomed(now.welcome);
  return {
    store,
    take: createTake(store, { happened, typing: typing.started, changed }),
    open: pages.open,
    older: pages.older,
    typing: typing.write,
    ...createPosting(link, pages, { deliver, happened, sent: typing.sent }),
    read: (room) => {
      const head = headOf(store.getState(), room);
      if (head.read >= head.seq) return;
      store.setState((s) => ({ heads: { ...s.heads, [room]: { ...head, read: head.seq, unread: 0 } } }));
      link.send("read", { room, seq: head.seq });
    },
    close: stop,
  };
}

interface Takers {
  happened: (event: Event) => void;
  typing: (room: string, person: Message["author"]) => void;
  changed: () => void;
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
      case "read_marked":
        return store.setState((s) => readUpTo(s, frame.body.room, frame.body.person, frame.body.seq));
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

interface Sending {
  deliver: (room: string, draft: Draft) => void;
  happened: (event: Event) => void;
  sent: (room: string) => void;
}

type Posting = Pick<Rooms, "post" | "retry" | "discard" | "edit" | "remove" | "react" | "pin" | "confirm">;

/** What we write. */
function createPosting(link: Link, pages: ReturnType<typeof createPages>, sending: Sending): Posting {
  return {
    post: (room, text, more) => {
      const timeline = pages.get(room);
      if (!timeline) return;
      const draft: Draft = {
        ...more,
        client_id: clientId(),
        text,
        at: new Date().toISOString(),
        state: "sending",
      };
      pages.set(room, withDraft(timeline, draft));
      sending.sent(room);
      sending.deliver(room, draft);
    },
    retry: (room, id) => {
      const timeline = pages.get(room);
      const failed = timeline?.drafts.find((d) => d.client_id === id);
      if (!timeline || !failed) return;
      const draft: Draft = { ...failed, state: "sending" };
      pages.set(room, withDraft(timeline, draft));
      sending.deliver(room, draft);
    },
    discard: (room, id) => {
      const timeline = pages.get(room);
      if (timeline) pages.set(room, withoutDraft(timeline, id));
    },
    edit: async (room, message, text) => {
      sending.happened((await link.request("edit", { room, message, text })).event);
    },
    remove: async (room, message) => {
      sending.happened((await link.request("delete", { room, message })).event);
    },
    react: async (room, message, emoji, on) => {
      sending.happened((await link.request("react", { room, message, emoji, on })).event);
    },
    pin: async (room, message, on) => {
      sending.happened((await link.request("pin", { room, message, on })).event);
    },
    confirm: async (room, message) => {
      sending.happened((await link.request("confirm", { room, message })).event);
    },
  };
}

import { createStore, type StoreApi } from "zustand/vanilla";
import { Disconnected } from "../link/answers";
import type { RoomFrame } from "../link/dispatch";
import type { Link } from "../link/link";
import type { Event, Message, Person, Post, RoomHead, Welcome } from "../wire/messages";
import { clientId } from "./clientId";
import {
  type Draft,
  fromPage,
  type Timeline,
  withDraft,
  withEvent,
  withEvents,
  withOlder,
  withoutDraft,
} from "./timeline";

/** Where a room stands for us: how far it goes, how far we read, what is new. */
export type Head = Omit<RoomHead, "room">;

export interface RoomsState {
  me: Person | undefined;
  heads: { readonly [room: string]: Head };
  timelines: { readonly [room: string]: Timeline };
  /** Rooms whose first page could not be read. */
  failed: readonly string[];
  /** The newest message of a room, where an event told us a newer one than the list. */
  latest: { readonly [room: string]: Message };
  typing: { readonly [room: string]: readonly { person: Person; until: number }[] };
  readers: { readonly [room: string]: { readonly [person: string]: number } };
  online: ReadonlySet<string>;
  live: { readonly [room: string]: number };
}

const pageLength = 50;
const typingLasts = 6000;

/** The rooms of whoever is signed in: their timelines, kept whole through every loss of connection. */
export interface Rooms {
  store: StoreApi<RoomsState>;
  take: (frame: RoomFrame) => void;
  open: (room: string) => Promise<void>;
  older: (room: string) => Promise<void>;
  post: (room: string, text: string, more?: { replyTo?: Message; mentions?: string[] }) => void;
  retry: (room: string, clientId: string) => void;
  discard: (room: string, clientId: string) => void;
  edit: (room: string, message: string, text: string) => Promise<void>;
  remove: (room: string, message: string) => Promise<void>;
  react: (room: string, message: string, emoji: string, on: boolean) => Promise<void>;
  read: (room: string) => void;
  typing: (room: string) => void;
  close: () => void;
}

const empty: RoomsState = {
  me: undefined,
  heads: {},
  timelines: {},
  failed: [],
  latest: {},
  typing: {},
  readers: {},
  online: new Set(),
  live: {},
};

/** Makes the store of rooms over a link. Changed is told when the list of rooms is to be read again. */
export function createRooms(link: Link, changed: () => void = () => undefined): Rooms {
  const store = createStore<RoomsState>()(() => empty);
  const loading = new Set<string>();
  /** Rooms that are looked at and whose first page has not come yet. */
  const wanted = new Set<string>();
  const catching = new Set<string>();
  const sending = new Map<string, Promise<void>>();
  const typed = new Map<string, number>();

  const timelineOf = (room: string) => store.getState().timelines[room];
  const setTimeline = (room: string, timeline: Timeline) =>
    store.setState((s) => ({ timelines: { ...s.timelines, [room]: timeline } }));
  const headOf = (room: string): Head => store.getState().heads[room] ?? { seq: 0, read: 0, unread: 0 };
  const setHead = (room: string, head: Head) =>
    store.setState((s) => ({ heads: { ...s.heads, [room]: head } }));

  const catchUp = async (room: string): Promise<void> => {
    if (catching.has(room)) return;
    catching.add(room);
    try {
      for (let more = true; more; ) {
        const timeline = timelineOf(room);
        if (!timeline) return;
        const page = await link.request("catch_up", { room, after: timeline.known, limit: 200 });
        setTimeline(room, withEvents(timelineOf(room) ?? timeline, page));
        more = page.more && page.events.length > 0;
      }
    } catch {
      // The next welcome, or the next event that shows the gap, tries again.
    } finally {
      catching.delete(room);
    }
  };

  const counted = (event: Event) => {
    const head = headOf(event.room);
    if (event.seq <= head.seq) return;
    const others = event.kind === "posted" && event.message.author.id !== store.getState().me?.id;
    setHead(event.room, { ...head, seq: event.seq, unread: head.unread + (others ? 1 : 0) });
    const latest = store.getState().latest[event.room];
    if (event.kind === "posted" || latest?.id === event.message.id) {
      store.setState((s) => ({ latest: { ...s.latest, [event.room]: event.message } }));
    }
  };

  const happened = (event: Event) => {
    counted(event);
    stopTyping(event.room, event.message.author.id);
    const timeline = timelineOf(event.room);
    if (!timeline) return;
    const next = withEvent(timeline, event);
    setTimeline(event.room, next.timeline);
    if (next.gap) void catchUp(event.room);
  };

  const stopTyping = (room: string, person: string) =>
    store.setState((s) => {
      const left = (s.typing[room] ?? []).filter((t) => t.person.id !== person);
      return { typing: { ...s.typing, [room]: left } };
    });

  const startTyping = (room: string, person: Person) => {
    if (person.id === store.getState().me?.id) return;
    const until = Date.now() + typingLasts;
    store.setState((s) => {
      const others = (s.typing[room] ?? []).filter((t) => t.person.id !== person.id && t.until > Date.now());
      return { typing: { ...s.typing, [room]: [...others, { person, until }] } };
    });
    setTimeout(() => {
      const still = store.getState().typing[room]?.find((t) => t.person.id === person.id);
      if (still && still.until <= Date.now()) stopTyping(room, person.id);
    }, typingLasts + 50);
  };

  /** Sends a draft after those before it, so that they keep their order. */
  const deliver = (room: string, draft: Draft) => {
    const before = sending.get(room) ?? Promise.resolve();
    const turn = before.then(() => deliverNow(room, draft));
    sending.set(room, turn);
  };

  const deliverNow = async (room: string, draft: Draft): Promise<void> => {
    const isWaiting = timelineOf(room)?.drafts.some(
      (d) => d.client_id === draft.client_id && d.state === "sending",
    );
    if (!isWaiting) return;
    const body: Post = { room, client_id: draft.client_id, text: draft.text, mentions: draft.mentions };
    if (draft.reply_to) body.reply_to = draft.reply_to.id;
    try {
      const { event } = await link.request("post", body);
      happened(event);
    } catch (error) {
      if (error instanceof Disconnected) return; // stays "sending": the next welcome sends it again
      const timeline = timelineOf(room);
      if (timeline) setTimeline(room, withDraft(timeline, { ...draft, state: "failed" }));
    }
  };

  const welcomed = (welcome: Welcome) => {
    const heads: { [room: string]: Head } = {};
    for (const { room, ...head } of welcome.rooms) heads[room] = head;
    store.setState({ me: welcome.me, heads, online: new Set(welcome.online), failed: [] });
    // The link counts as open only after its welcomes were heard.
    queueMicrotask(() => {
      for (const room of wanted) void open(room);
      for (const [room, timeline] of Object.entries(store.getState().timelines)) {
        if ((heads[room]?.seq ?? 0) > timeline.known) void catchUp(room);
        for (const draft of timeline.drafts) if (draft.state === "sending") deliver(room, draft);
      }
    });
    changed();
  };

  const take = (frame: RoomFrame): void => {
    switch (frame.type) {
      case "event":
      case "posted":
        return happened(frame.body.event);
      case "history_page":
      case "events_page":
        return; // those who asked have them
      case "read_marked":
        return readMarked(frame.body.room, frame.body.person, frame.body.seq);
      case "is_typing":
        return startTyping(frame.body.room, frame.body.person);
      case "room_live": {
        const { room, live, participants } = frame.body;
        store.setState((s) => ({ live: { ...s.live, [room]: live ? Math.max(1, participants) : 0 } }));
        return;
      }
      case "rooms_changed":
        return changed();
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

  const readMarked = (room: string, person: Person, seq: number) => {
    const head = headOf(room);
    if (person.id === store.getState().me?.id && seq > head.read) {
      setHead(room, { ...head, read: seq, unread: seq >= head.seq ? 0 : head.unread });
    }
    store.setState((s) => {
      const known = s.readers[room] ?? {};
      return {
        readers: { ...s.readers, [room]: { ...known, [person.id]: Math.max(seq, known[person.id] ?? 0) } },
      };
    });
  };

  async function open(room: string): Promise<void> {
    if (timelineOf(room) || loading.has(room)) return;
    wanted.add(room);
    loading.add(room);
    store.setState((s) => ({ failed: s.failed.filter((r) => r !== room) }));
    try {
      const page = await link.request("history", { room, before: 0, limit: pageLength });
      wanted.delete(room);
      setTimeline(room, fromPage(page));
      if (headOf(room).seq > page.head) void catchUp(room);
    } catch (error) {
      if (error instanceof Disconnected) return; // the next welcome opens it
      store.setState((s) => ({ failed: [...s.failed, room] }));
    } finally {
      loading.delete(room);
    }
  }

  const older = async (room: string): Promise<void> => {
    const timeline = timelineOf(room);
    const first = timeline?.messages[0];
    if (!timeline?.more || !first || loading.has(room)) return;
    loading.add(room);
    try {
      const page = await link.request("history", { room, before: first.seq, limit: pageLength });
      setTimeline(room, withOlder(timelineOf(room) ?? timeline, page));
    } catch {
      // Scrolling up again asks again.
    } finally {
      loading.delete(room);
    }
  };

  const post: Rooms["post"] = (room, text, more) => {
    const timeline = timelineOf(room);
    if (!timeline) return;
    const draft: Draft = {
      client_id: clientId(),
      text,
      mentions: more?.mentions ?? [],
      at: new Date().toISOString(),
      state: "sending",
    };
    if (more?.replyTo) draft.reply_to = more.replyTo;
    setTimeline(room, withDraft(timeline, draft));
    typed.delete(room);
    deliver(room, draft);
  };

  const retry = (room: string, draftId: string) => {
    const timeline = timelineOf(room);
    const draft = timeline?.drafts.find((d) => d.client_id === draftId);
    if (!timeline || !draft) return;
    setTimeline(room, withDraft(timeline, { ...draft, state: "sending" }));
    deliver(room, { ...draft, state: "sending" });
  };

  const read = (room: string) => {
    const head = headOf(room);
    if (head.read >= head.seq) return;
    setHead(room, { ...head, read: head.seq, unread: 0 });
    link.send("read", { room, seq: head.seq });
  };

  const stop = link.onWelcome(welcomed);
  const current = link.state.getState();
  if (current.phase === "open") welcomed(current.welcome);

  return {
    store,
    take,
    open,
    older,
    post,
    retry,
    discard: (room, draftId) => {
      const timeline = timelineOf(room);
      if (timeline) setTimeline(room, withoutDraft(timeline, draftId));
    },
    edit: async (room, message, text) =>
      happened((await link.request("edit", { room, message, text })).event),
    remove: async (room, message) => happened((await link.request("delete", { room, message })).event),
    react: async (room, message, emoji, on) =>
      happened((await link.request("react", { room, message, emoji, on })).event),
    read,
    typing: (room) => {
      if (Date.now() - (typed.get(room) ?? 0) < typingLasts / 2) return;
      typed.set(room, Date.now());
      link.send("typing", { room });
    },
    close: stop,
  };
}

import type { StoreApi } from "zustand/vanilla";
import { Disconnected, Refusal } from "../link/answers";
import { backoff } from "../link/backoff";
import type { Link } from "../link/link";
import type { Event } from "../wire/messages";
import { clientId } from "./clientId";
import { type Draft, type Extras, postOf } from "./draft";
import type { Drawer } from "./drawer";
import type { RoomsState } from "./state";

/** Sends what we write, and keeps it until the node has confirmed it. */
export interface Outbox {
  add: (room: string, text: string, more?: Extras) => void;
  retry: (room: string, draft: string) => void;
  discard: (room: string, draft: string) => void;
  /** Takes away the draft that has become a message. */
  settle: (event: Event) => void;
  /** Sends everything that waits; called when there is a connection. */
  resume: () => void;
  close: () => void;
}

/**
 * Sends drafts, one after the other in each room, so that they keep their
 * order. Sending one again is harmless, on any day: the node knows its client
 * id. What the node cannot do now is tried again; what it refuses is shown.
 */
export function createOutbox(
  link: Link,
  store: StoreApi<RoomsState>,
  drawer: Drawer,
  happened: (event: Event) => void,
  read: (room: string, upTo: number) => void,
): Outbox {
  const turns = new Map<string, Promise<void>>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  const { of, put, drop } = createDrafts(store, drawer);

  const deliver = async (room: string, id: string): Promise<void> => {
    const draft = of(room).find((d) => d.client_id === id);
    if (draft?.state !== "sending") return;
    try {
      const { event } = await link.request("post", postOf(room, draft));
      attempt = 0;
      happened(event);
      if (!draft.forward) read(room, event.seq); // who writes in a room has read it
    } catch (error) {
      if (error instanceof Disconnected) return; // the next welcome sends it again
      if (error instanceof Refusal && passes(error)) return later();
      put(room, { ...draft, state: "failed" });
    }
  };
  const queue = (room: string, id: string) => {
    const before = turns.get(room) ?? Promise.resolve();
    turns.set(
      room,
      before.then(() => deliver(room, id)),
    );
  };
  const sendAll = () => {
    for (const [room, drafts] of Object.entries(store.getState().drafts)) {
      for (const draft of drafts) if (draft.state === "sending") queue(room, draft.client_id);
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(sendAll, backoff(attempt, Math.random()));
    attempt += 1;
  };

  return {
    add: (room, text, more) => {
      const draft: Draft = {
        ...more,
        client_id: clientId(),
        text,
        at: new Date().toISOString(),
        state: "sending",
      };
      put(room, draft);
      queue(room, draft.client_id);
    },
    retry: (room, id) => {
      const failed = of(room).find((d) => d.client_id === id);
      if (!failed) return;
      put(room, { ...failed, state: "sending" });
      queue(room, id);
    },
    discard: drop,
    settle: ({ room, message }) => {
      if (message.client_id !== "" && message.author.id === store.getState().me?.id) {
        drop(room, message.client_id);
      }
    },
    resume: sendAll,
    close: () => clearTimeout(timer),
  };
}

/** Whether the node may take the same message a moment later. */
function passes({ code }: Refusal): boolean {
  return code === "internal" || code === "unavailable" || code === "rate";
}

/** Our drafts, in the store and in the drawer; it begins with what an earlier page has left. */
function createDrafts(store: StoreApi<RoomsState>, drawer: Drawer) {
  const of = (room: string): readonly Draft[] => store.getState().drafts[room] ?? [];
  const set = (room: string, drafts: readonly Draft[]) =>
    store.setState((s) => ({ drafts: { ...s.drafts, [room]: drafts } }));
  const has = (room: string, id: string) => of(room).some((d) => d.client_id === id);
  for (const { room, draft } of drawer.kept()) set(room, [...of(room), draft]);
  return {
    of,
    put: (room: string, draft: Draft) => {
      const changed = of(room).map((d) => (d.client_id === draft.client_id ? draft : d));
      set(room, has(room, draft.client_id) ? changed : [...of(room), draft]);
      drawer.keep(room, draft);
    },
    drop: (room: string, id: string) => {
      if (has(room, id))
        set(
          room,
          of(room).filter((d) => d.client_id !== id),
        );
      drawer.drop(id);
    },
  };
}

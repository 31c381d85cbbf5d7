import { createStore, type StoreApi } from "zustand/vanilla";
import type { CallFrame } from "../link/dispatch";
import type { Link } from "../link/link";
import type { Call } from "../wire/messages";
import { type CallsState, noCalls, outcomeOf, withCall } from "./state";

/** The calls of whoever is signed in: those that ring here and those made here. */
export interface Calls {
  store: StoreApi<CallsState>;
  take: (frame: CallFrame) => void;
  /** Rings people of a room, or everybody else in it. Throws Refusal or Disconnected. */
  ring: (room: string, people: readonly string[]) => Promise<Call>;
  answer: (call: string, accept: boolean) => Promise<void>;
  cancel: (call: string) => Promise<void>;
  /** Puts a call aside on this device. */
  dismiss: (call: string) => void;
  /** Calls back with the room once somebody accepted a call of this device; returns what stops it. */
  onAnswered: (listener: (room: string) => void) => () => void;
  close: () => void;
}

/** Makes the store of calls over a link. */
export function createCalls(link: Link): Calls {
  const store = createStore<CallsState>()(() => noCalls);
  const answered = new Set<(room: string) => void>();

  const apply = (call: Call) => {
    const before = store.getState();
    const next = withCall(before, call);
    if (next === before) return;
    store.setState(next);
    const first = call.answered_at && !before.calls[call.id]?.answered_at;
    if (first && next.own.includes(call.id)) for (const listener of answered) listener(call.room);
  };

  // What rings after a pause in the connection is told again; what ended meanwhile is not.
  const stop = link.onWelcome((welcome) => {
    const { own, dismissed, calls } = store.getState();
    const kept = Object.entries(calls).filter(([id]) => own.includes(id));
    store.setState({ me: welcome.me.id, calls: Object.fromEntries(kept), own, dismissed });
  });
  const now = link.state.getState();
  if (now.phase === "open") store.setState({ me: now.welcome.me.id });

  return {
    store,
    take: (frame) => apply(frame.body.call),
    ring: async (room, people) => {
      const { call } = await link.request("ring", { room, people: [...people] });
      // Ringing somebody who rings us is accepting: then there is nothing to show here.
      if (outcomeOf(call, store.getState().me) === undefined) {
        store.setState((s) => ({
          own: [...s.own, call.id],
          dismissed: s.dismissed.filter((d) => d !== call.id),
        }));
      }
      apply(call);
      return call;
    },
    answer: async (call, accept) => {
      await link.request("answer_call", { call, accept });
    },
    cancel: async (call) => {
      await link.request("cancel_call", { call });
    },
    dismiss: (call) => store.setState((s) => ({ dismissed: [...s.dismissed, call] })),
    onAnswered: (listener) => {
      answered.add(listener);
      return () => answered.delete(listener);
    },
    close: stop,
  };
}

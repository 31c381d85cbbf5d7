import { create } from "zustand";
import type { Asleep } from "./guard";

/** What a person is asked before a call rings. */
export type Asked =
  | { kind: "nothing" }
  /** It is night there, or the office is closed. */
  | { kind: "guard"; room: string; people: readonly string[]; asleep: readonly Asleep[] }
  /** Whom of the room? */
  | { kind: "choose"; room: string };

interface Asking {
  asked: Asked;
  ask: (asked: Asked) => void;
  done: () => void;
}

/** The question on screen, from whatever page it was asked. */
export const useAsking = create<Asking>()((set) => ({
  asked: { kind: "nothing" },
  ask: (asked) => set({ asked }),
  done: () => set({ asked: { kind: "nothing" } }),
}));

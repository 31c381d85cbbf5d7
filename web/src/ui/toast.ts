import { create } from "zustand";

/** A short note that goes away by itself. */
export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "danger";
  action?: { label: string; run: () => void };
}

interface Toasts {
  shown: Toast[];
  /** Gives the note's number, by which it can be dismissed. */
  show: (
    text: string,
    options?: { tone?: Toast["tone"]; action?: Toast["action"]; stay?: boolean },
  ) => number;
  dismiss: (id: number) => void;
  /** Puts all of them away, for somebody who goes to something else. */
  clear: () => void;
}

const lifetime = 6000;
let last = 0;

/** The notes on screen. At most three: the oldest makes room. */
export const useToasts = create<Toasts>()((set, get) => ({
  shown: [],
  show: (text, options) => {
    last += 1;
    const id = last;
    const toast: Toast = { id, text, tone: options?.tone ?? "plain" };
    if (options?.action) toast.action = options.action;
    set({ shown: [...get().shown.filter((t) => t.text !== text), toast].slice(-3) });
    if (!options?.stay) setTimeout(() => get().dismiss(id), lifetime);
    return id;
  },
  clear: () => set({ shown: [] }),
  dismiss: (id) => set({ shown: get().shown.filter((t) => t.id !== id) }),
}));

/** Shows a note from anywhere. */
export function toast(...note: Parameters<Toasts["show"]>): void {
  useToasts.getState().show(...note);
}

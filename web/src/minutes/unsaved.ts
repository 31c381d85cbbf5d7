import { create } from "zustand";
import type { Writing } from "./blocks";

/** A block that somebody here has written in, for as long as it is not saved. */
export interface Unsaved {
  minutes: string;
  block: string;
  writing: Writing;
}

interface Store {
  byBlock: { readonly [block: string]: Unsaved };
  /** Remembers where a block stands; one that is saved is forgotten. */
  keep: (unsaved: Unsaved) => void;
  forget: (block: string) => void;
  /** Parts of heads that are not saved, each by its minutes and its name. */
  heads: ReadonlySet<string>;
  markHead: (minutes: string, field: string, saved: boolean) => void;
}

/**
 * What is written and not yet saved, beside the fields themselves: a block that
 * somebody else deletes, or minutes that are handed over meanwhile, take the
 * field away but not the text.
 */
export const useUnsaved = create<Store>()((set, get) => ({
  byBlock: {},
  keep: (unsaved) => {
    if (unsaved.writing.phase === "saved") get().forget(unsaved.block);
    else set({ byBlock: { ...get().byBlock, [unsaved.block]: unsaved } });
  },
  forget: (block) => {
    if (!(block in get().byBlock)) return;
    const { [block]: _, ...rest } = get().byBlock;
    set({ byBlock: rest });
  },
  heads: new Set(),
  markHead: (minutes, field, saved) => {
    const key = `${minutes}/${field}`;
    if (get().heads.has(key) !== saved) return;
    const heads = new Set(get().heads);
    if (saved) heads.delete(key);
    else heads.add(key);
    set({ heads });
  },
}));

/** Whether everything that was written here in these minutes is saved. */
export function isSettled(store: Pick<Store, "byBlock" | "heads">, minutes: string): boolean {
  if (Object.values(store.byBlock).some((u) => u.minutes === minutes)) return false;
  return ![...store.heads].some((key) => key.startsWith(`${minutes}/`));
}

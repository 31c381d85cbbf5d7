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
}));

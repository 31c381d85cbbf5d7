import type { Draft } from "./draft";

/** A draft and the room that it is for. */
export interface Kept {
  room: string;
  draft: Draft;
}

/** Where drafts lie until they are sent, so that a closed page loses none. */
export interface Drawer {
  keep: (room: string, draft: Draft) => void;
  drop: (clientId: string) => void;
  /** What lies there, in the order in which it was written. */
  kept: () => Kept[];
}

/**
 * A drawer in the browser's storage, one for each person. Each draft has a key
 * of its own, so that two tabs do not overwrite each other's.
 */
export function browserDrawer(storage: Storage, person: string): Drawer {
  const prefix = `outbox:${person}:`;
  return {
    keep: (room, draft) => {
      try {
        storage.setItem(prefix + draft.client_id, JSON.stringify({ room, draft }));
      } catch {
        // Full, or forbidden: the draft lives as long as the page.
      }
    },
    drop: (id) => storage.removeItem(prefix + id),
    kept: () =>
      Object.keys(storage)
        .filter((key) => key.startsWith(prefix))
        .flatMap((key) => read(storage.getItem(key)))
        .sort((a, b) => a.draft.at.localeCompare(b.draft.at)),
  };
}

/** Forgets what all people have not sent, or not finished writing, from this browser. */
export function emptyDrawers(storage: Storage): void {
  for (const key of Object.keys(storage)) if (/^(outbox|writing):/.test(key)) storage.removeItem(key);
}

/** A drawer that holds nothing, for those who leave nothing behind. */
export const noDrawer: Drawer = { keep: () => undefined, drop: () => undefined, kept: () => [] };

function read(text: string | null): Kept[] {
  try {
    const kept = JSON.parse(text ?? "");
    const whole =
      typeof kept?.room === "string" &&
      typeof kept.draft?.client_id === "string" &&
      typeof kept.draft.text === "string" &&
      typeof kept.draft.at === "string";
    return whole ? [kept] : [];
  } catch {
    return []; // of another version of the page
  }
}

import type { Recent } from "./rows";

const most = 8;
const prefix = "recent:";

/** What somebody chose in the palette lately, the newest first; kept in the browser. */
export interface Recents {
  list: () => Recent[];
  add: (recent: Recent) => void;
}

/** What was chosen in this browser by one person. */
export function browserRecents(storage: Storage, person: string): Recents {
  const key = prefix + person;
  const list = () => read(storage.getItem(key));
  return {
    list,
    add: (recent) => {
      const target = JSON.stringify(recent.target);
      const others = list().filter((r) => JSON.stringify(r.target) !== target);
      try {
        storage.setItem(key, JSON.stringify([recent, ...others].slice(0, most)));
      } catch {
        // Full, or forbidden: nothing is remembered.
      }
    },
  };
}

/** Forgets what all people have chosen in this browser. */
export function forgetRecents(storage: Storage): void {
  for (const key of Object.keys(storage)) if (key.startsWith(prefix)) storage.removeItem(key);
}

function read(text: string | null): Recent[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list)
      ? list.filter(
          (r) => typeof r?.title === "string" && typeof r.of === "string" && typeof r.target?.to === "string",
        )
      : [];
  } catch {
    return []; // of another version of the page
  }
}

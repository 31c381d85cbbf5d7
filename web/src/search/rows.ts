import type { FoundGroup, FoundKind, Hit } from "../api/types";

/** Where a row leads. */
export type Target =
  | { to: "room"; room: string; at?: number }
  | { to: "person"; account: string }
  | { to: "meeting"; meeting: string }
  | { to: "minutes"; minutes: string }
  | { to: "contact"; contact: string }
  | { to: "page"; path: PagePath }
  | { to: "search"; q: string };

/** The pages that the palette goes to. */
export type PagePath =
  | "/"
  | "/rooms"
  | "/meetings"
  | "/meetings/new"
  | "/contacts"
  | "/accounts"
  | "/settings"
  | "/search";

/** A page with the words by which it is found. */
export interface Page {
  path: PagePath;
  title: string;
  /** Further words: the other language's, pinyin and its initials. */
  words: readonly string[];
}

/** Where a hit leads. A station leads to its room, when there is one. */
export function targetOf(
  kind: FoundKind,
  hit: Hit,
  stationRooms: ReadonlyMap<string, string>,
): Target | undefined {
  switch (kind) {
    case "people": {
      if (hit.sort === "account") return { to: "person", account: hit.id };
      const room = stationRooms.get(hit.id);
      return room ? { to: "room", room } : undefined;
    }
    case "rooms":
      return { to: "room", room: hit.id };
    case "contacts":
      return { to: "contact", contact: hit.id };
    case "meetings":
      return { to: "meeting", meeting: hit.id };
    case "minutes":
      return { to: "minutes", minutes: hit.id };
    case "messages":
    case "files":
      return hit.room ? { to: "room", room: hit.room.id, at: hit.seq ?? 0 } : undefined;
    default:
      return kind satisfies never;
  }
}

/** The pages that a text names: by the beginning of a word, or a part of a Chinese one. */
export function pagesFor(text: string, pages: readonly Page[]): Page[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  return pages.filter((page) =>
    [page.title, ...page.words].some((word) => {
      const lower = word.toLowerCase();
      return (
        lower.startsWith(wanted) ||
        lower.split(/\s+/).some((part) => part.startsWith(wanted)) ||
        han(lower, wanted)
      );
    }),
  );
}

function han(word: string, wanted: string): boolean {
  return /\p{Script=Han}/u.test(wanted) && word.includes(wanted);
}

/** A line of the palette: a heading, or something to choose. */
export type Row =
  | { kind: "heading"; key: string; of: FoundKind | "pages" | "recent" | "search"; failed: boolean }
  | { kind: "hit"; key: string; of: FoundKind; hit: Hit; target: Target }
  | { kind: "page"; key: string; page: Page; target: Target }
  | { kind: "recent"; key: string; recent: Recent; target: Target }
  | { kind: "more"; key: string; q: string; target: Target };

/** Something that was chosen before. */
export interface Recent {
  title: string;
  of: FoundKind | "pages";
  target: Target;
}

interface Shown {
  text: string;
  groups: readonly FoundGroup[];
  pages: readonly Page[];
  recent: readonly Recent[];
  stationRooms: ReadonlyMap<string, string>;
}

/** The lines of the palette, from top to bottom. */
export function rowsOf({ text, groups, pages, recent, stationRooms }: Shown): Row[] {
  const rows: Row[] = [];
  if (text.trim() === "") {
    if (recent.length > 0) rows.push({ kind: "heading", key: "recent", of: "recent", failed: false });
    for (const [i, r] of recent.entries())
      rows.push({ kind: "recent", key: `recent-${i}`, recent: r, target: r.target });
    rows.push({ kind: "heading", key: "pages", of: "pages", failed: false });
    for (const page of pages) rows.push(pageRow(page));
    return rows;
  }
  const named = pagesFor(text, pages);
  if (named.length > 0) rows.push({ kind: "heading", key: "pages", of: "pages", failed: false });
  for (const page of named) rows.push(pageRow(page));
  for (const group of groups) {
    const hits = group.items.flatMap((hit, i): Row[] => {
      const target = targetOf(group.kind, hit, stationRooms);
      return target
        ? [{ kind: "hit", key: `${group.kind}-${hit.id}-${i}`, of: group.kind, hit, target }]
        : [];
    });
    if (hits.length === 0 && !group.failed) continue;
    rows.push({ kind: "heading", key: group.kind, of: group.kind, failed: group.failed }, ...hits);
  }
  rows.push({ kind: "more", key: "more", q: text.trim(), target: { to: "search", q: text.trim() } });
  return rows;
}

function pageRow(page: Page): Row {
  return { kind: "page", key: `page-${page.path}`, page, target: { to: "page", path: page.path } };
}

/** The next row that can be chosen, going down (1) or up (-1) and around the ends. */
export function nextChoice(rows: readonly Row[], from: number, step: 1 | -1): number {
  for (let i = 1; i <= rows.length; i++) {
    const at = (from + step * i + rows.length * (i + 1)) % rows.length;
    if (rows[at]?.kind !== "heading") return at;
  }
  return -1;
}

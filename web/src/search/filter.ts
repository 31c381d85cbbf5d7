import type { FoundKind } from "../api/types";

/** How far back is looked. */
export type When = "day" | "week" | "month" | "year";

/** What is looked for, as it stands in the page's address. */
export interface SearchFilter {
  q?: string;
  in?: FoundKind;
  room?: string;
  by?: string;
  when?: When;
  files?: true;
}

const kinds: readonly FoundKind[] = [
  "people",
  "rooms",
  "contacts",
  "meetings",
  "minutes",
  "messages",
  "files",
];
const times: readonly When[] = ["day", "week", "month", "year"];
const id = /^[0-9a-f-]{36}$/;

/** Reads a filter from an address; what makes no sense is left out. */
export function asSearch(search: { readonly [name: string]: unknown }): SearchFilter {
  const filter: SearchFilter = {};
  const q = typeof search.q === "number" ? String(search.q) : search.q;
  if (typeof q === "string" && q !== "") filter.q = q.slice(0, 200);
  const kind = kinds.find((k) => k === search.in);
  if (kind) filter.in = kind;
  if (typeof search.room === "string" && id.test(search.room)) filter.room = search.room;
  if (typeof search.by === "string" && id.test(search.by)) filter.by = search.by;
  const when = times.find((w) => w === search.when);
  if (when) filter.when = when;
  if (search.files === true) filter.files = true;
  return filter;
}

/** From when on a filter looks; to the full hour, so that the same question has the same answer for a while. */
export function fromTime(when: When | undefined, now: Date): Date | undefined {
  if (!when) return undefined;
  const days = { day: 1, week: 7, month: 30, year: 365 }[when];
  const hour = 3_600_000;
  return new Date(Math.floor(now.getTime() / hour) * hour - days * 24 * hour);
}

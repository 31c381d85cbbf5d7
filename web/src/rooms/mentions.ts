import type { Person } from "../wire/messages";

/** The beginning of a mention before the caret: "@" and what follows it. */
export function mentionBefore(text: string, caret: number): { start: number; query: string } | undefined {
  const found = /(^|[\s\p{P}\p{Script=Han}])@([^\s@]{0,20})$/u.exec(text.slice(0, caret));
  if (!found) return undefined;
  const query = found[2] ?? "";
  return { start: caret - query.length - 1, query };
}

/** Who can be mentioned: a person, or a group under its name. */
export interface Mentionable {
  id: string;
  name: string;
  group?: true;
}

const none: ReadonlySet<string> = new Set();

/** Who a query may mean: people first, then the groups; found are those whom the server, which knows pinyin, names for it. */
export function mentionable(
  people: readonly Person[],
  groups: readonly Mentionable[],
  query: string,
  me: string,
  found: ReadonlySet<string> = none,
): Mentionable[] {
  const wanted = query.toLowerCase();
  const meant = (m: Mentionable) => m.id !== me && (m.name.toLowerCase().includes(wanted) || found.has(m.id));
  return [...people.filter(meant).slice(0, 6), ...groups.filter(meant)];
}

/** Who is mentioned in a text, by name. */
export function mentionedIn(text: string, people: readonly Person[]): string[] {
  return people.filter((p) => text.includes(`@${p.name}`)).map((p) => p.id);
}

/** A piece of a message: plain text, a link or a mention. */
export type Piece = { kind: "text" | "mention" | "link"; text: string };

/** What finds addresses, and mentions of these names, longer names first. */
export function piecesOf(names: readonly string[]): RegExp {
  const escaped = names
    .filter(Boolean)
    .sort((a, b) => b.length - a.length)
    .map((n) => n.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const mention = escaped.length > 0 ? `|@(?:${escaped.join("|")})` : "";
  return new RegExp(`https?://[^\\s<>"'，。；！？）】」]+${mention}`, "gu");
}

/** Cuts a text into what is shown differently. */
export function pieces(text: string, pattern: RegExp): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) found.push({ kind: "text", text: text.slice(at, match.index) });
    found.push({ kind: match[0].startsWith("@") ? "mention" : "link", text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: "text", text: text.slice(at) });
  return found;
}

import { LinkifyIt } from "linkify-it";
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
  kind?: Person["kind"];
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

/** A piece of a message: plain text, a link or a mention. */
export type Piece = { kind: "text" | "mention" | "link"; text: string };

// Only what names its scheme is an address; the library knows where one ends, also at Chinese signs.
const addresses = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });

/**
 * What finds mentions of these names, longer names first. A name of Latin letters ends where the letters end, and
 * before the @ stands no letter of an e-mail address. Chinese has no spaces around words: there nothing is asked.
 */
export function piecesOf(names: readonly string[]): RegExp {
  const escaped = names
    .filter(Boolean)
    .sort((a, b) => b.length - a.length)
    .map(
      (n) => n.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + (/[\p{Script=Latin}\p{N}]$/u.test(n) ? wordEnd : ""),
    );
  return escaped.length > 0 ? new RegExp(`${wordBegin}@(?:${escaped.join("|")})`, "gu") : /(?!)/g;
}

const wordBegin = "(?<![\\p{Script=Latin}\\p{N}._%+-])";
const wordEnd = "(?![\\p{Script=Latin}\\p{N}])";

/** Cuts a text into what is shown differently. */
export function pieces(text: string, pattern: RegExp): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(/(?<![A-Za-z0-9])https?:\/\//gi)) {
    if (match.index < at) continue;
    const link = addresses.matchAtStart(text.slice(match.index))?.raw;
    if (!link) continue;
    found.push(...mentionPieces(text.slice(at, match.index), pattern), { kind: "link", text: link });
    at = match.index + link.length;
  }
  return [...found, ...mentionPieces(text.slice(at), pattern)];
}

function mentionPieces(text: string, pattern: RegExp): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) found.push({ kind: "text", text: text.slice(at, match.index) });
    found.push({ kind: "mention", text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: "text", text: text.slice(at) });
  return found;
}

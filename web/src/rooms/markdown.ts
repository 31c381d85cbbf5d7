import MarkdownIt from "markdown-it";
import cjkFriendly from "markdown-it-cjk-friendly";
import { type Piece, pieces, piecesOf } from "./mentions";
import { timeIn } from "./timeToken";

/** A stretch of a message. There is nothing else than these: no HTML, no picture, no heading. */
export type Inline =
  | Piece
  | { kind: "time"; at: Date; text: string }
  | { kind: "code"; text: string }
  | { kind: "break" }
  | { kind: "strong" | "emphasis" | "strike"; children: Inline[] }
  | { kind: "anchor"; href: string; children: Inline[] };

/** A paragraph of a message, or something larger. */
export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; start: number | undefined; items: Block[][] };

// Chinese has no spaces around words: with the plugin, **粗体。**这样 is bold, too.
const parser = new MarkdownIt("zero", { html: false, linkify: false, breaks: true, maxNesting: 12 })
  .use(cjkFriendly)
  .enable([
    "newline",
    "escape",
    "backticks",
    "strikethrough",
    "emphasis",
    "link",
    "fence",
    "blockquote",
    "list",
    "balance_pairs",
    "fragments_join",
  ]);

/** No honest message marks so much; a text that does is shown as it is, since pairing marks takes its time. */
const maxMarks = 1500;

type Token = ReturnType<typeof parser.parse>[number];

/** A message's text as a tree of what may be shown; names are those that can be mentioned. */
export function parseMarkdown(text: string, names: readonly string[]): Block[] {
  const pattern = piecesOf(names);
  if ((text.match(/[*_~[\]`]/g)?.length ?? 0) > maxMarks) return [asItIs(text, pattern)];
  return blocks({ tokens: parser.parse(text, {}), at: 0, pattern });
}

/** A text of which only the lines, addresses, mentions and times are found. */
function asItIs(text: string, pattern: RegExp): Block {
  const lines = text.split("\n").map((line) => textOf(line, pattern));
  return {
    kind: "paragraph",
    children: lines.flatMap((line, i) => (i > 0 ? [{ kind: "break" }, ...line] : line)),
  };
}

/** Only these lead somewhere that a message may lead to. */
export function isSafeLink(href: string): boolean {
  return /^(https?:\/\/|mailto:)[^\s]+$/i.test(href);
}

interface Reading {
  tokens: readonly Token[];
  at: number;
  /** Finds addresses and mentions. */
  pattern: RegExp;
}

/** Reads blocks until the container that they are in closes. */
function blocks(r: Reading): Block[] {
  const found: Block[] = [];
  for (let token = r.tokens[r.at]; token && token.nesting !== -1; token = r.tokens[r.at]) {
    r.at += 1;
    const block = blockOf(token, r);
    if (block) found.push(block);
  }
  r.at += 1;
  return found;
}

function blockOf(token: Token, r: Reading): Block | undefined {
  switch (token.type) {
    case "paragraph_open": {
      const children = inlines({ tokens: r.tokens[r.at]?.children ?? [], at: 0, pattern: r.pattern });
      r.at += 2; // the text and the end of the paragraph
      return { kind: "paragraph", children };
    }
    case "fence":
      return { kind: "code", text: token.content.replace(/\n$/, "") };
    case "blockquote_open":
      return { kind: "quote", children: blocks(r) };
    case "bullet_list_open":
      return { kind: "list", start: undefined, items: items(r) };
    case "ordered_list_open":
      return { kind: "list", start: Number(token.attrGet("start") ?? 1), items: items(r) };
    case "inline": // what is nested too deep is text
      return { kind: "paragraph", children: textOf(token.content, r.pattern) };
    default:
      return undefined;
  }
}

function items(r: Reading): Block[][] {
  const found: Block[][] = [];
  for (let token = r.tokens[r.at]; token && token.nesting !== -1; token = r.tokens[r.at]) {
    r.at += 1;
    found.push(blocks(r));
  }
  r.at += 1;
  return found;
}

/** Reads stretches until the mark that they are in closes. */
function inlines(r: Reading): Inline[] {
  const found: Inline[] = [];
  for (let token = r.tokens[r.at]; token && token.nesting !== -1; token = r.tokens[r.at]) {
    r.at += 1;
    found.push(...inlineOf(token, r));
  }
  r.at += 1;
  return found;
}

function inlineOf(token: Token, r: Reading): Inline[] {
  switch (token.type) {
    case "text":
    case "text_special":
      return textOf(token.content, r.pattern);
    case "code_inline":
      return [{ kind: "code", text: token.content }];
    case "softbreak":
    case "hardbreak":
      return [{ kind: "break" }];
    case "strong_open":
      return [{ kind: "strong", children: inlines(r) }];
    case "em_open":
      return [{ kind: "emphasis", children: inlines(r) }];
    case "s_open":
      return [{ kind: "strike", children: inlines(r) }];
    case "link_open": {
      const href = String(token.attrGet("href") ?? "");
      const children = inlines(r);
      return isSafeLink(href) ? [{ kind: "anchor", href, children }] : children;
    }
    default:
      return token.content ? textOf(token.content, r.pattern) : [];
  }
}

/** Plain text, in which addresses, mentions and times are found. */
function textOf(text: string, pattern: RegExp): Inline[] {
  const found: Inline[] = [];
  let at = 0;
  for (const { index, text: token, time } of timeIn(text)) {
    if (index > at) found.push(...pieces(text.slice(at, index), pattern));
    found.push({ kind: "time", at: time, text: token });
    at = index + token.length;
  }
  if (at < text.length) found.push(...pieces(text.slice(at), pattern));
  return found;
}

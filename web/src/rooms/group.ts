import { sameDay } from "../time/zones";
import type { Message } from "../wire/messages";
import type { Draft } from "./draft";

/** One line of the timeline as it is shown. */
export type Row =
  | { kind: "day"; key: string; at: Date }
  | { kind: "new"; key: string }
  | { kind: "message"; key: string; message: Message; continued: boolean }
  | { kind: "draft"; key: string; draft: Draft; continued: boolean };

const together = 5 * 60_000;

/**
 * Puts separators between days, a line before the first unread message, and
 * marks messages that continue the one before them. A message keeps its key
 * when its draft is confirmed, so that nothing jumps.
 */
export function rowsOf(
  messages: readonly Message[],
  drafts: readonly Draft[],
  zone: string,
  unread: { after: number; me: string; more?: boolean } | undefined,
): Row[] {
  const rows: Row[] = [];
  let before: { at: Date; author: string } | undefined;
  // With older pages not read yet, the first unread message may be further up.
  let divided = unread?.more === true && (messages[0]?.seq ?? 0) > unread.after;
  for (const message of messages) {
    const at = new Date(message.posted_at);
    if (!before || !sameDay(before.at, at, zone)) {
      rows.push({ kind: "day", key: `day-${message.id}`, at });
      before = undefined;
    }
    if (unread && !divided && message.seq > unread.after && message.author.id !== unread.me) {
      rows.push({ kind: "new", key: "new" });
      divided = true;
      before = undefined;
    }
    const continued = continues(before, at, message.author.id) && !message.reply_to;
    rows.push({ kind: "message", key: message.client_id || message.id, message, continued });
    before = { at, author: message.author.id };
  }
  const confirmed = new Set(drafts.length > 0 ? messages.map((m) => m.client_id) : []);
  for (const draft of drafts) {
    if (confirmed.has(draft.client_id)) continue;
    const at = new Date(draft.at);
    const continued = continues(before, at, unread?.me ?? "") && !draft.replyTo;
    rows.push({ kind: "draft", key: draft.client_id, draft, continued });
    before = { at, author: unread?.me ?? "" };
  }
  return rows;
}

function continues(before: { at: Date; author: string } | undefined, at: Date, author: string): boolean {
  return before !== undefined && before.author === author && at.getTime() - before.at.getTime() < together;
}

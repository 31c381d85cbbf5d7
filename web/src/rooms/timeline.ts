import type { Event, EventsPage, HistoryPage, Message } from "../wire/messages";

/** What this client holds of one room's order: a window without holes, mostly the newest part. */
export interface Timeline {
  /** By sequence number. */
  messages: readonly Message[];
  /** Every event up to this number is in messages, as far as it concerns them. */
  known: number;
  /** Older messages exist on the node. */
  more: boolean;
  /** Newer messages than these exist on the node: what is posted now is not shown yet. */
  newer: boolean;
  /** The event that last changed a message, so that an older one never undoes it. */
  changedBy: { readonly [message: string]: number };
  /** Another number is another window, which is shown from its focus. */
  window: number;
  /** What is to be brought into sight; another turn is another wish. */
  focus?: Focus | undefined;
}

/** A place in a timeline. */
export interface Focus {
  seq: number;
  /** The message is marked for a moment; otherwise the first unread one is shown. */
  mark: boolean;
  turn: number;
}

/** The timeline of which nothing is known yet but one page. */
export function fromPage(page: HistoryPage, before?: Timeline): Timeline {
  return {
    messages: page.messages,
    known: page.head,
    more: page.more,
    newer: page.newer,
    changedBy: {},
    window: (before?.window ?? 0) + 1,
  };
}

/** The timeline with an older page in front. */
export function withOlder(timeline: Timeline, page: HistoryPage): Timeline {
  const first = timeline.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = page.messages.filter((m) => m.seq < first);
  return { ...timeline, messages: [...older, ...timeline.messages], more: page.more };
}

/**
 * The timeline with a newer page behind. A page that was read before an event
 * we know of may lack its message: then it is not the last one.
 */
export function withNewer(timeline: Timeline, page: HistoryPage): Timeline {
  const last = timeline.messages.at(-1)?.seq ?? 0;
  const newer = page.messages.filter((m) => m.seq > last);
  return {
    ...timeline,
    messages: [...timeline.messages, ...newer],
    newer: page.newer || page.head < timeline.known,
  };
}

/** The timeline with a wish to see a place in it. */
export function withFocus(timeline: Timeline, seq: number, mark: boolean): Timeline {
  return { ...timeline, focus: { seq, mark, turn: (timeline.focus?.turn ?? 0) + 1 } };
}

/** Whether a message is in the window, or would be, had it not been passed over. */
export function holds(timeline: Timeline, seq: number): boolean {
  const first = timeline.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  const last = timeline.messages.at(-1)?.seq ?? 0;
  return seq >= first && (seq <= last || !timeline.newer);
}

/** The timeline after one event, and whether events before it are missing. */
export function withEvent(timeline: Timeline, event: Event): { timeline: Timeline; gap: boolean } {
  const gap = event.seq > timeline.known + 1;
  const next = event.seq === timeline.known + 1 ? event.seq : timeline.known;
  if (event.seq <= (timeline.changedBy[event.message.id] ?? 0)) return { timeline, gap: false };
  return {
    timeline: {
      ...timeline,
      messages: withQuotes(withMessage(timeline, event), event.message),
      known: next,
      changedBy: { ...timeline.changedBy, [event.message.id]: event.seq },
    },
    gap,
  };
}

/** The timeline after a page of missed events. */
export function withEvents(timeline: Timeline, page: EventsPage): Timeline {
  let now = timeline;
  for (const event of page.events) {
    now = withEvent(now, event).timeline;
    now = { ...now, known: Math.max(now.known, event.seq) };
  }
  return now;
}

/** How much of a message a reply quotes, as the node does. */
const quoteLength = 120;

/** What a reply quotes of a message: the beginning of its text, or the name of its first file. */
export function quoteOf({ text, attachments: [file] }: Pick<Message, "text" | "attachments">): string {
  const shown = text || (file ? `[${file.name}]` : "");
  return [...shown].slice(0, quoteLength).join("");
}

/** Replies quote the message as it is now. */
function withQuotes(messages: readonly Message[], quoted: Message): readonly Message[] {
  if (!messages.some((m) => m.reply_to?.id === quoted.id)) return messages;
  const text = quoteOf(quoted);
  return messages.map((m) =>
    m.reply_to?.id === quoted.id ? { ...m, reply_to: { ...m.reply_to, text } } : m,
  );
}

/**
 * Replaces the message, or puts it at its place in the order. A change to one outside the window is left out: to a
 * guest's empty window belongs nothing that was posted before.
 */
function withMessage({ messages, newer }: Timeline, { seq, message }: Event): readonly Message[] {
  const at = messages.findIndex((m) => m.id === message.id);
  if (at >= 0) return messages.with(at, message);
  const first = messages[0];
  const before = messages.findLastIndex((m) => m.seq < message.seq);
  if (first ? before < 0 : message.seq < seq) return messages;
  if (newer && before === messages.length - 1) return messages;
  return [...messages.slice(0, before + 1), message, ...messages.slice(before + 1)];
}

import type {
  Attachment,
  Event,
  EventsPage,
  Forwarded,
  ForwardOf,
  HistoryPage,
  MentionGroup,
  Message,
} from "../wire/messages";

/** What a message may carry besides its text. */
export interface Extras {
  text_en?: string;
  topic?: string;
  replyTo?: Message;
  mentions?: string[];
  mentionGroups?: MentionGroup[];
  attachments?: Attachment[];
  /** What is posted again: where it is, and what it will look like. */
  forward?: ForwardOf & { shown: Forwarded };
  mustConfirm?: boolean;
  urgent?: boolean;
}

/** A message of ours that the node has not confirmed yet. */
export interface Draft extends Extras {
  client_id: string;
  text: string;
  at: string;
  state: "sending" | "failed";
}

/** What this client holds of one room's order. */
export interface Timeline {
  /** By sequence number, without holes from the first one on. */
  messages: readonly Message[];
  drafts: readonly Draft[];
  /** Every event up to this number is in messages. */
  known: number;
  /** Older messages exist on the node. */
  more: boolean;
  /** The event that last changed a message, so that an older one never undoes it. */
  changedBy: { readonly [message: string]: number };
}

/** A timeline of which nothing is known yet but the newest page. */
export function fromPage(page: HistoryPage, drafts: readonly Draft[] = []): Timeline {
  return {
    messages: page.messages,
    drafts: unconfirmed(drafts, page.messages),
    known: page.head,
    more: page.more,
    changedBy: {},
  };
}

/** The timeline with an older page in front. */
export function withOlder(timeline: Timeline, page: HistoryPage): Timeline {
  const first = timeline.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = page.messages.filter((m) => m.seq < first);
  return { ...timeline, messages: [...older, ...timeline.messages], more: page.more };
}

/** The timeline after one event, and whether events before it are missing. */
export function withEvent(timeline: Timeline, event: Event): { timeline: Timeline; gap: boolean } {
  const gap = event.seq > timeline.known + 1;
  const next = event.seq === timeline.known + 1 ? event.seq : timeline.known;
  if (event.seq <= (timeline.changedBy[event.message.id] ?? 0)) return { timeline, gap: false };
  return {
    timeline: {
      ...timeline,
      messages: withQuotes(withMessage(timeline.messages, event.message), event.message),
      drafts: unconfirmed(timeline.drafts, [event.message]),
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

/** The timeline with a draft added, or changed. */
export function withDraft(timeline: Timeline, draft: Draft): Timeline {
  const known = timeline.drafts.some((d) => d.client_id === draft.client_id);
  const drafts = known
    ? timeline.drafts.map((d) => (d.client_id === draft.client_id ? draft : d))
    : [...timeline.drafts, draft];
  return { ...timeline, drafts };
}

/** The timeline without a draft. */
export function withoutDraft(timeline: Timeline, clientId: string): Timeline {
  return { ...timeline, drafts: timeline.drafts.filter((d) => d.client_id !== clientId) };
}

function unconfirmed(drafts: readonly Draft[], messages: readonly Message[]): readonly Draft[] {
  if (drafts.length === 0) return drafts;
  const confirmed = new Set(messages.map((m) => m.client_id));
  return drafts.filter((d) => !confirmed.has(d.client_id));
}

/** How much of a message a reply quotes, as the node does. */
const quoteLength = 120;

/** Replies quote the message as it is now. */
function withQuotes(messages: readonly Message[], quoted: Message): readonly Message[] {
  if (!messages.some((m) => m.reply_to?.id === quoted.id)) return messages;
  const text = [...quoted.text].slice(0, quoteLength).join("");
  return messages.map((m) =>
    m.reply_to?.id === quoted.id ? { ...m, reply_to: { ...m.reply_to, text } } : m,
  );
}

/** Replaces the message, or puts it at its place in the order. A change to one we do not hold is left out. */
function withMessage(messages: readonly Message[], message: Message): readonly Message[] {
  const at = messages.findIndex((m) => m.id === message.id);
  if (at >= 0) return messages.with(at, message);
  const first = messages[0];
  const before = messages.findLastIndex((m) => m.seq < message.seq);
  if (first && before < 0) return messages;
  return [...messages.slice(0, before + 1), message, ...messages.slice(before + 1)];
}

import type { MeetingFrame } from "../link/dispatch";
import type {
  MeetingState,
  Participant,
  Roster,
  Seating,
  Snapshot,
  Source,
  SourceState,
  StreamKind,
  Waiting,
} from "../wire/messages";

/** Everything the node has said about the meeting we are in. */
export interface Live {
  meeting: MeetingState;
  me: string;
  /** In the order in which they came. */
  participants: readonly Participant[];
  waiting: readonly Waiting[];
  seats: readonly Seating[];
  speaking: readonly string[];
}

/** The whole meeting from a snapshot. */
export function fromSnapshot(snapshot: Snapshot): Live {
  return {
    meeting: snapshot.meeting,
    me: snapshot.me,
    participants: [...snapshot.participants].sort(byArrival),
    waiting: snapshot.waiting,
    seats: snapshot.seats,
    speaking: snapshot.speaking,
  };
}

/** The meeting after one message. Messages to us alone change nothing here. */
export function apply(live: Live, frame: MeetingFrame): Live {
  switch (frame.type) {
    case "roster":
      return withRoster(live, frame.body);
    case "seated":
      return { ...live, seats: frame.body.seats };
    case "speaking":
      return { ...live, speaking: frame.body.participants };
    case "meeting":
      return { ...live, meeting: frame.body.meeting };
    case "lobby":
      return { ...live, waiting: frame.body.waiting };
    case "wanted":
    case "muted":
    case "unmute_asked":
    case "cheered":
    case "admitted":
    case "refused":
    case "removed":
      return live;
    default:
      return frame satisfies never;
  }
}

/** The meeting after some came, changed or left; who left and returned at once is there. */
function withRoster(live: Live, { participants, left }: Roster): Live {
  const gone = new Set(left);
  for (const p of participants) gone.delete(p.id);
  const stayed = live.participants.filter((p) => !gone.has(p.id));
  return {
    ...live,
    participants: participants.reduce(withParticipant, stayed),
    speaking: live.speaking.filter((id) => !gone.has(id)),
  };
}

function withParticipant(all: readonly Participant[], changed: Participant): readonly Participant[] {
  const known = all.some((p) => p.id === changed.id);
  return known ? all.map((p) => (p.id === changed.id ? changed : p)) : [...all, changed].sort(byArrival);
}

function byArrival(a: Participant, b: Participant): number {
  return a.joined_at < b.joined_at ? -1 : a.joined_at > b.joined_at ? 1 : a.id < b.id ? -1 : 1;
}

/** Us, as the others see us. */
export function myself(live: Live): Participant | undefined {
  return live.participants.find((p) => p.id === live.me);
}

/** Whether we keep order: may admit, mute and remove. */
export function moderates(live: Live): boolean {
  const role = myself(live)?.role;
  return role === "host" || role === "cohost";
}

/** Whether the meeting is ours to record, to lock, to block people from and to end: we do not only stand in. */
export function leads(live: Live): boolean {
  return moderates(live) && !myself(live)?.stands_in;
}

/** A participant's source, if it has ever been mentioned. */
export function sourceOf(participant: Participant, source: Source): SourceState | undefined {
  return participant.sources.find((s) => s.source === source);
}

/** Whether the others get something of this source. */
export function isSending(participant: Participant, source: Source): boolean {
  const state = sourceOf(participant, source);
  return state?.live === true && !state.muted;
}

/** The streams that others send: one for each person and one for each shared screen. */
export function streamsOf(live: Live): { participant: string; kind: StreamKind }[] {
  const streams: { participant: string; kind: StreamKind }[] = [];
  for (const p of live.participants) {
    if (p.id === live.me) continue;
    streams.push({ participant: p.id, kind: "person" });
    if (isSending(p, "screen")) streams.push({ participant: p.id, kind: "screen" });
  }
  return streams;
}

/** Raised hands in the order in which they went up. */
export function hands(live: Live): Participant[] {
  return live.participants
    .filter((p) => p.hand_raised_at !== undefined)
    .sort((a, b) => (a.hand_raised_at ?? "").localeCompare(b.hand_raised_at ?? ""));
}

/** Seats to begin with, the step in which they grow, and the most there can be. */
export const firstSeats = 6;
const seatStep = 4;
const mostSeats = 26;

/** How many seats a meeting of this many streams needs; never fewer than there are. */
export function seatsFor(streams: number, present: number): number {
  if (streams <= present) return present;
  return Math.min(mostSeats, present + Math.ceil((streams - present) / seatStep) * seatStep);
}

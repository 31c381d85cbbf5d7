/** What a connection's path has carried so far, at one moment. */
export interface Carried {
  /** The pair of addresses in use. */
  path: string;
  /** Bytes that arrived, and answers to the browser's checks of the path. */
  bytesIn: number;
  answers: number;
  /** Bytes that were sent, and checks. */
  bytesOut: number;
  checks: number;
}

/** How long a path that works is never without an answer, in milliseconds. */
const silent = 2000;
/** Bytes per second that are media and not only reports: the node reports on it all the time. */
const media = 1000;
/** So many checks are not lost one after the other; browsers repeat them soon. */
const lostChecks = 4;
/** How long another path may take to come about, in milliseconds; each time twice as long. */
const first = 5000;
const longest = 40_000;

/** Reads out of a browser's report what the path in use has carried. */
export function carriedBy(
  report: Iterable<{ type: string; id: string } & { [name: string]: unknown }>,
): Carried | undefined {
  const stats = [...report];
  const used = stats.find((s) => s.type === "transport")?.selectedCandidatePairId;
  const pairs = stats.filter((s) => s.type === "candidate-pair");
  // Not every browser tells of transports; those that do not mark the pair.
  const pair = pairs.find((s) => s.id === used) ?? pairs.find((s) => s.selected === true);
  if (!pair) return undefined;
  const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : 0);
  return {
    path: pair.id,
    bytesIn: number(pair.bytesReceived),
    answers: number(pair.responsesReceived),
    bytesOut: number(pair.bytesSent),
    checks: number(pair.requestsSent),
  };
}

/**
 * Silence notices that a path carries nothing to us any more, though the node
 * would have had to answer. A browser may take eight seconds for it when it has
 * no other path at hand. Where nobody sends, silence is no sign: there the
 * browser's checks go unanswered.
 */
export class Silence {
  private last: Carried | undefined;
  private heardAt = 0;
  /** What had been sent when we last heard something. */
  private sent = { bytes: 0, checks: 0 };
  private patience = first;
  private holdUntil = 0;

  /** Takes a reading at a moment in milliseconds; returns whether another path is to be looked for. */
  read(now: number, carried: Carried): boolean {
    const { last } = this;
    this.last = carried;
    const same = last?.path === carried.path;
    if (!same || last.bytesIn !== carried.bytesIn || last.answers !== carried.answers) {
      // The first reading of a path says nothing of what it carries.
      if (same) this.patience = first;
      this.heard(now, carried);
      return false;
    }
    if (now < this.holdUntil || now - this.heardAt < silent || !this.owed(now, carried)) return false;
    this.holdUntil = now + this.patience;
    this.patience = Math.min(2 * this.patience, longest);
    return true;
  }

  private heard(now: number, carried: Carried): void {
    this.heardAt = now;
    this.sent = { bytes: carried.bytesOut, checks: carried.checks };
  }

  /** Whether the node would have had to answer by now. */
  private owed(now: number, carried: Carried): boolean {
    const sent = carried.bytesOut - this.sent.bytes;
    return sent * 1000 >= media * (now - this.heardAt) || carried.checks - this.sent.checks >= lostChecks;
  }
}

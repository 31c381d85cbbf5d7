import type { Quality } from "../../wire/messages";

/** Counters of a connection at one moment, summed over its streams. */
export interface Counters {
  received: number;
  lost: number;
  /** Largest loss that the node reports for what we send, 0 to 1. */
  sentLoss: number;
  /** The same for our microphone alone. */
  soundLoss: number;
  /** Round trip in seconds; 0 while unknown. */
  roundTrip: number;
  freezes: number;
  /** What the browser believes it may send, in bits per second; 0 while unknown. */
  uplink: number;
}

/** Reads the counters out of a browser's report. */
export function countersOf(report: Iterable<{ type: string } & { [name: string]: unknown }>): Counters {
  const counters: Counters = {
    received: 0,
    lost: 0,
    sentLoss: 0,
    soundLoss: 0,
    roundTrip: 0,
    freezes: 0,
    uplink: 0,
  };
  const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : 0);
  for (const stat of report) {
    if (stat.type === "inbound-rtp") {
      counters.received += number(stat.packetsReceived);
      counters.lost += number(stat.packetsLost);
      counters.freezes += number(stat.freezeCount);
    } else if (stat.type === "remote-inbound-rtp") {
      counters.sentLoss = Math.max(counters.sentLoss, number(stat.fractionLost));
      if (stat.kind === "audio") counters.soundLoss = Math.max(counters.soundLoss, number(stat.fractionLost));
    } else if (stat.type === "candidate-pair" && stat.nominated === true) {
      counters.roundTrip = Math.max(counters.roundTrip, number(stat.currentRoundTripTime));
      counters.uplink = Math.max(counters.uplink, number(stat.availableOutgoingBitrate));
    }
  }
  return counters;
}

/** Why a link is not good; the interface puts it into a sentence. */
export type Cause = "loss_down" | "loss_up" | "delay" | "freeze";

/** A link's state and the first reason for it. */
export interface Judgement {
  quality: Quality;
  cause?: Cause;
}

/** Judges the time between two readings. */
export function judge(before: Counters, now: Counters): Judgement {
  const received = Math.max(0, now.received - before.received);
  const lost = Math.max(0, now.lost - before.lost);
  const down = received + lost < 20 ? 0 : lost / (received + lost);
  const frozen = now.freezes - before.freezes >= 2;
  if (down > 0.1) return { quality: "poor", cause: "loss_down" };
  if (now.sentLoss > 0.1) return { quality: "poor", cause: "loss_up" };
  if (now.roundTrip > 0.9) return { quality: "poor", cause: "delay" };
  if (down > 0.03) return { quality: "weak", cause: "loss_down" };
  if (now.sentLoss > 0.03) return { quality: "weak", cause: "loss_up" };
  if (now.roundTrip > 0.45) return { quality: "weak", cause: "delay" };
  if (frozen) return { quality: "weak", cause: "freeze" };
  return { quality: "good" };
}

const rank: { [Q in Quality]: number } = { good: 0, weak: 1, poor: 2 };

/** What is shown after some judgements: worse after two in a row, better after three. */
export function steady(shown: Quality, recent: readonly Quality[]): Quality {
  const [a, b, c] = recent.slice(-3).reverse();
  if (a === undefined || b === undefined) return shown;
  if (rank[a] > rank[shown] && rank[b] > rank[shown]) return rank[a] < rank[b] ? a : b;
  if (c !== undefined && [a, b, c].every((q) => rank[q] < rank[shown])) {
    return [a, b, c].reduce((worst, q) => (rank[q] > rank[worst] ? q : worst));
  }
  return shown;
}

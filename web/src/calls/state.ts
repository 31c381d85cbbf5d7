import type { Call, CallOutcome } from "../wire/messages";

/** The calls that concern whoever is signed in. */
export interface CallsState {
  me: string | undefined;
  /** By id, each in its newest version. */
  calls: { readonly [call: string]: Call };
  /** Calls that this device began: it shows how they go. */
  own: readonly string[];
  /** Calls that were put aside here. */
  dismissed: readonly string[];
}

/** Nobody rings. */
export const noCalls: CallsState = { me: undefined, calls: {}, own: [], dismissed: [] };

/** The state with a call as it is now; an older version than is known is late, and nothing. */
export function withCall(state: CallsState, call: Call): CallsState {
  const known = state.calls[call.id];
  if (known && known.version >= call.version) return state;
  return { ...state, calls: { ...state.calls, [call.id]: call } };
}

/** How a call stands for a person. */
export function outcomeOf(call: Call, person: string | undefined): CallOutcome | undefined {
  return call.people.find((p) => p.person.id === person)?.state;
}

/** The call that rings us now: the first that came. */
export function incomingOf(state: CallsState): Call | undefined {
  return byBeginning(state).find(
    (c) => !c.ended_at && !state.dismissed.includes(c.id) && outcomeOf(c, state.me) === "ringing",
  );
}

/** The call of this device, while it rings and until its end has been seen. */
export function outgoingOf(state: CallsState): Call | undefined {
  return byBeginning(state).findLast((c) => state.own.includes(c.id) && !state.dismissed.includes(c.id));
}

function byBeginning(state: CallsState): Call[] {
  return Object.values(state.calls).sort((a, b) => a.started_at.localeCompare(b.started_at));
}

/** How a call went as a whole, for one line of words. */
export type Result = "ringing" | "answered" | "declined" | "busy" | "missed" | "cancelled";

/** One accepted: answered; else what the most of them did, the caller's own end before all. */
export function resultOf(people: readonly { state: CallOutcome }[]): Result {
  const has = (state: CallOutcome) => people.some((p) => p.state === state);
  if (has("accepted")) return "answered";
  if (has("ringing")) return "ringing";
  if (has("cancelled")) return "cancelled";
  if (has("missed")) return "missed";
  return has("declined") ? "declined" : "busy";
}

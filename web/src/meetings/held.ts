import type { Meeting } from "../api/types";

/** From when to when a meeting is planned, or was really held. */
export function timesOf({ held, starts_at, ends_at }: Pick<Meeting, "held" | "starts_at" | "ends_at">): {
  from: Date;
  to: Date;
} {
  return { from: new Date(held?.from ?? starts_at), to: new Date(held?.to ?? ends_at) };
}

/** Whether a clock on the wall shows that a meeting was not held when it was planned. */
export function wasMoved(meeting: Pick<Meeting, "held" | "starts_at" | "ends_at">): boolean {
  if (!meeting.held) return false;
  const minute = (at: string) => Math.floor(Date.parse(at) / 60_000);
  const { held, starts_at, ends_at } = meeting;
  return minute(held.from) !== minute(starts_at) || minute(held.to) !== minute(ends_at);
}

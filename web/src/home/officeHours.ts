import type { OfficeHours } from "../api/types";
import { wallClock } from "../time/zones";

function minutes(text: string): number {
  const [h, m] = text.split(":");
  return Number(h) * 60 + Number(m ?? 0);
}

/** Whether an office is open at a moment, by the clock on its own wall. Hours may run past midnight. */
export function isOpen(hours: readonly OfficeHours[], zone: string, at: Date): boolean {
  const { weekday, hour, minute } = wallClock(at, zone);
  const now = hour * 60 + minute;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return hours.some((h) => {
    const from = minutes(h.from);
    const to = minutes(h.to);
    if (to > from) return h.day === weekday && now >= from && now < to;
    return (h.day === weekday && now >= from) || (h.day === yesterday && now < to);
  });
}

/** Today's hours of an office, as they are written: 09:00–17:30; nothing on a free day. */
export function hoursToday(hours: readonly OfficeHours[], zone: string, at: Date): string {
  const { weekday } = wallClock(at, zone);
  return hours
    .filter((h) => h.day === weekday)
    .map((h) => `${h.from}–${h.to}`)
    .join(", ");
}

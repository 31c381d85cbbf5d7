import type { Account, OfficeHours, Station } from "../api/types";
import { hoursToday, isOpen } from "../home/officeHours";
import { instantOf, isNight, localText } from "../time/zones";

/** Somebody who is to be rung, with the clock on their wall. */
export interface Callee {
  id: string;
  name: string;
  zone: string;
  /** Of their station; absent where there are none. */
  hours?: readonly OfficeHours[];
}

/** Why somebody is better not rung now. */
export interface Asleep extends Callee {
  reason: "night" | "closed";
  /** Today's office hours there, as they are written. */
  today: string;
}

/** Those to whom it is night, or whose office is closed. */
export function asleep(people: readonly Callee[], now: Date): Asleep[] {
  return people.flatMap((p): Asleep[] => {
    const today = p.hours ? hoursToday(p.hours, p.zone, now) : "";
    if (isNight(now, p.zone)) return [{ ...p, reason: "night", today }];
    if (p.hours && p.hours.length > 0 && !isOpen(p.hours, p.zone, now)) {
      return [{ ...p, reason: "closed", today }];
    }
    return [];
  });
}

/** When somebody can next be reached: when their office opens, or at nine in the morning where they have none. */
export function nextOpening(person: Callee, now: Date): Date {
  const hours = person.hours?.length ? person.hours : everyMorning;
  const openings: Date[] = [];
  for (let days = 0; days <= 8; days += 1) {
    const day = localText(new Date(now.getTime() + days * 86_400_000), person.zone).slice(0, 10);
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
    for (const h of hours) {
      const at = h.day === weekday ? instantOf(`${day}T${h.from}`, person.zone) : undefined;
      if (at && at > now && !isNight(at, person.zone)) openings.push(at);
    }
  }
  const earliest = Math.min(...openings.map((at) => at.getTime()));
  return new Date(openings.length > 0 ? earliest : now.getTime() + 86_400_000);
}

const everyMorning: readonly OfficeHours[] = [1, 2, 3, 4, 5, 6, 7].map((day) => ({
  day,
  from: "09:00",
  to: "18:00",
}));

/** What is known of accounts: their clocks, and the office hours of their stations. */
export function calleesOf(
  ids: readonly string[],
  accounts: readonly Account[],
  stations: readonly Station[],
): Callee[] {
  return ids.flatMap((id) => {
    const account = accounts.find((a) => a.id === id);
    if (!account) return [];
    const station = stations.find((s) => s.id === account.station_id);
    const callee: Callee = { id, name: account.name, zone: station?.time_zone ?? account.time_zone };
    return [station ? { ...callee, hours: station.office_hours } : callee];
  });
}

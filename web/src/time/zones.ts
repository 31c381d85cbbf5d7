/** The zone of this device. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

interface WallClock {
  year: number;
  month: number;
  day: number;
  /** Monday is 1 (ISO 8601). */
  weekday: number;
  hour: number;
  minute: number;
}

const parts = new Map<string, Intl.DateTimeFormat>();

/** What a clock on the wall of a zone shows at a moment. */
export function wallClock(at: Date, zone: string): WallClock {
  let format = parts.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    parts.set(zone, format);
  }
  const found: { [type: string]: string } = {};
  for (const part of format.formatToParts(at)) found[part.type] = part.value;
  const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  return {
    year: Number(found.year),
    month: Number(found.month),
    day: Number(found.day),
    weekday: days.indexOf(found.weekday ?? "Mon") + 1,
    hour: Number(found.hour),
    minute: Number(found.minute),
  };
}

/** How many days the calendar of one zone is ahead of another's: -1, 0 or 1. */
export function dayShift(at: Date, zone: string, from: string): number {
  const day = (z: string) => {
    const c = wallClock(at, z);
    return Date.UTC(c.year, c.month - 1, c.day);
  };
  return Math.round((day(zone) - day(from)) / 86_400_000);
}

/** Whether people in the zone are likely to sleep. */
export function isNight(at: Date, zone: string): boolean {
  const { hour } = wallClock(at, zone);
  return hour < 7 || hour >= 22;
}

/** Whether it is dark outside, as clocks go: a sun is not shown beside ten in the evening. */
export function isDark(at: Date, zone: string): boolean {
  const { hour } = wallClock(at, zone);
  return hour < 7 || hour >= 18;
}

/** Whether two moments fall on one day in a zone. */
export function sameDay(a: Date, b: Date, zone: string): boolean {
  const x = wallClock(a, zone);
  const y = wallClock(b, zone);
  return x.year === y.year && x.month === y.month && x.day === y.day;
}

/**
 * The moment at which a clock on the wall of a zone shows a local time such as 2026-11-25T15:00: the first, where the
 * clocks show it twice (RFC 5545 section 3.3.5), and none where they are put forward over it. The hub reckons alike:
 * both are held to one table of cases.
 */
export function instantOf(local: string, zone: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local)) return undefined;
  const asUtc = Date.parse(`${local}:00Z`);
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString().slice(0, 16) !== local) return undefined;
  const around = [-36, 36].map((hours) => offsetAt(new Date(asUtc + hours * 3_600_000), zone));
  // The offset that is furthest ahead shows a time first.
  for (const offset of [Math.max(...around), Math.min(...around)]) {
    const at = new Date(asUtc - offset);
    if (offsetAt(at, zone) === offset) return at;
  }
  return undefined;
}

/** Whether two names are of one zone: browsers know some by older names than the hub does. */
export function sameZone(a: string, b: string): boolean {
  return known(a) === known(b);
}

/** Each zone once, by the first of its names. */
export function distinctZones(zones: readonly string[]): string[] {
  const seen = new Set<string>();
  return zones.filter((zone) => !seen.has(known(zone)) && seen.add(known(zone)));
}

const names = new Map<string, string>();

/** The name by which this browser knows a zone. */
function known(zone: string): string {
  let name = names.get(zone);
  if (name === undefined) {
    try {
      name = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
    } catch {
      name = zone; // a zone that this browser has never heard of
    }
    names.set(zone, name);
  }
  return name;
}

/** What a clock of the zone shows, as a local time that can be typed: 2026-11-25T15:00. */
export function localText(at: Date, zone: string): string {
  const c = wallClock(at, zone);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${c.year}-${two(c.month)}-${two(c.day)}T${two(c.hour)}:${two(c.minute)}`;
}

function offsetAt(at: Date, zone: string): number {
  const c = wallClock(at, zone);
  return Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute) - Math.floor(at.getTime() / 60_000) * 60_000;
}

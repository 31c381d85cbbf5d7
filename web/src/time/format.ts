import { chineseName } from "./names";
import { dayShift, ownZone } from "./zones";

type Locale = "zh-CN" | "en";

function format(locale: Locale, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, {
    timeZone: zone,
    hourCycle: "h23",
    ...options,
  });
}

/** The hour and minute in a zone: 15:05. */
export function clock(at: Date, zone: string, locale: Locale): string {
  return format(locale, zone, { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** The day in a zone: 11月23日 周一, or Mon 23 Nov; with the year when it is another. */
export function day(at: Date, zone: string, locale: Locale, now = new Date()): string {
  const otherYear = at.getUTCFullYear() !== now.getUTCFullYear();
  return format(locale, zone, {
    ...(otherYear && { year: "numeric" }),
    month: locale === "en" ? "short" : "long",
    day: "numeric",
    weekday: "short",
  }).format(at);
}

/** The day in a zone, as short as it goes: 11/23, or 23 Nov. */
export function shortDay(at: Date, zone: string, locale: Locale): string {
  return format(locale, zone, { month: locale === "en" ? "short" : "numeric", day: "numeric" }).format(at);
}

/** The weekday in a zone. */
export function weekday(at: Date, zone: string, locale: Locale): string {
  return format(locale, zone, { weekday: "short" }).format(at);
}

/** A moment in full. */
export function moment(at: Date, zone: string, locale: Locale): string {
  return `${day(at, zone, locale)} ${clock(at, zone, locale)}`;
}

/** A span on one day, or over midnight with its shift: 22:00–00:30 (+1). */
export function span(from: Date, to: Date, zone: string, locale: Locale): string {
  const start = `${day(from, zone, locale)} ${clock(from, zone, locale)}`;
  const shift = Math.round((startOfDay(to, zone) - startOfDay(from, zone)) / 86_400_000);
  return `${start}–${clock(to, zone, locale)}${shift > 0 ? ` (+${shift})` : ""}`;
}

function startOfDay(at: Date, zone: string): number {
  const text = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
  return Date.parse(`${text}T00:00:00Z`);
}

/** Whose clock a time is, in words: 北京时间, Almaty time. */
export function zoneName(zone: string, locale: Locale, at = new Date()): string {
  const chinese = locale === "en" ? undefined : chineseName(zone);
  if (chinese !== undefined) return `${chinese}时间`;
  if (zone === "Asia/Shanghai" || zone === "Asia/Chongqing" || zone === "PRC") {
    return locale === "en" ? "Beijing time" : "北京时间";
  }
  if (zone === "UTC" || zone === "Etc/UTC") return locale === "en" ? "UTC" : "协调世界时";
  const short = generic("shortGeneric", zone, locale, at);
  // Where a language has no word for the place, the name of the whole zone is better than a foreign one.
  const isWord = locale === "en" ? short.endsWith(" Time") : !/[A-Za-z]/.test(short);
  const name = isWord ? short : generic("longGeneric", zone, locale, at);
  return name.replace("标准时间", "时间").replace(/( Standard)? Time$/, " time");
}

function generic(style: "shortGeneric" | "longGeneric", zone: string, locale: Locale, at: Date): string {
  const parts = format(locale, zone, { timeZoneName: style, hour: "numeric" }).formatToParts(at);
  return parts.find((p) => p.type === "timeZoneName")?.value ?? zone;
}

/** The offset of a zone from UTC: UTC+8. */
export function offsetName(zone: string, at = new Date()): string {
  const named = format("en", zone, { timeZoneName: "shortOffset" })
    .formatToParts(at)
    .find((p) => p.type === "timeZoneName");
  return (named?.value ?? "UTC").replace("GMT", "UTC");
}

/** "+1", "-1" or nothing: the day there against the day here. */
export function shiftMark(at: Date, zone: string, from = ownZone()): string {
  const shift = dayShift(at, zone, from);
  if (shift === 0) return "";
  return shift > 0 ? `+${shift}` : `−${-shift}`;
}

/** How long, in words: 1 h 30 min, or 1 小时 30 分钟. */
export function duration(minutes: number, locale: Locale): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const [hour, minute] = locale === "en" ? ["h", "min"] : ["小时", "分钟"];
  return [hours > 0 && `${hours} ${hour}`, (rest > 0 || hours === 0) && `${rest} ${minute}`]
    .filter(Boolean)
    .join(" ");
}

/** How long: 1:05:09 or 5:09. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = String(seconds % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

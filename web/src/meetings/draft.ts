import type { Found, InviteeDraft, Meeting, MeetingDraft } from "../api/types";
import { instantOf, localText } from "../time/zones";

/** Somebody on the list of invitees while it is being made. */
export interface Guest {
  key: string;
  kind: InviteeDraft["kind"];
  ref?: string;
  name: string;
  email?: string;
  language: "zh-CN" | "en";
  timeZone: string;
}

/** A meeting as it is written into the form. */
export interface Draft {
  title: string;
  date: string;
  from: string;
  to: string;
  zone: string;
  host: string;
  /** A lasting room to meet in, or nothing for a new one; a meeting arranged before stays where it is. */
  room?: string;
  agenda: { key: string; title: string; minutes: number }[];
  guests: Guest[];
  mayBeRecorded: boolean;
  codec: Meeting["video_codec"];
  note: string;
}

/** A new meeting: tomorrow at ten, an hour, in the zone given. */
export function newDraft(host: string, zone: string, now: Date): Draft {
  const tomorrow = localText(new Date(now.getTime() + 86_400_000), zone).slice(0, 10);
  return {
    title: "",
    date: tomorrow,
    from: "10:00",
    to: "11:00",
    zone,
    host,
    room: "",
    agenda: [],
    guests: [],
    mayBeRecorded: true,
    codec: "auto",
    note: "",
  };
}

/** An arranged meeting as a form that can be changed. */
export function draftOf(meeting: Meeting): Draft {
  const from = localText(new Date(meeting.starts_at), meeting.time_zone);
  const to = localText(new Date(meeting.ends_at), meeting.time_zone);
  return {
    title: meeting.title,
    date: from.slice(0, 10),
    from: from.slice(11),
    to: to.slice(11),
    zone: meeting.time_zone,
    host: meeting.host.id,
    agenda: meeting.agenda.map((a) => ({ key: a.id, title: a.title, minutes: a.minutes })),
    guests: meeting.invitees.map((i) => ({
      key: i.ref ?? i.id,
      kind: i.kind,
      ...(i.ref !== undefined && { ref: i.ref }),
      name: i.name,
      ...(i.email !== undefined && { email: i.email }),
      language: i.language === "en" ? "en" : "zh-CN",
      timeZone: i.time_zone,
    })),
    mayBeRecorded: meeting.may_be_recorded,
    codec: meeting.video_codec,
    note: meeting.note,
  };
}

/** When a draft's meeting begins and ends, as local times; one that ends before it begins ends the next day. */
export function localSpan(draft: Pick<Draft, "date" | "from" | "to">): { from: string; to: string } {
  const next = draft.to <= draft.from;
  return {
    from: `${draft.date}T${draft.from}`,
    to: `${next ? dayAfter(draft.date) : draft.date}T${draft.to}`,
  };
}

/** When a draft's meeting begins, as a moment. */
export function startOf(draft: Draft): Date | undefined {
  return instantOf(localSpan(draft).from, draft.zone);
}

/** How long a draft's meeting is, in minutes as they pass: an hour more in the night in which clocks are put back. */
export function minutesOf(draft: Pick<Draft, "date" | "from" | "to" | "zone">): number | undefined {
  const { from, to } = localSpan(draft);
  const [begins, ends] = [instantOf(from, draft.zone), instantOf(to, draft.zone)];
  return begins && ends && Math.round((ends.getTime() - begins.getTime()) / 60_000);
}

/** Whether a draft's meeting ends on the day after its beginning. */
export function isOvernight(draft: Pick<Draft, "from" | "to">): boolean {
  return draft.from !== "" && draft.to !== "" && draft.to <= draft.from;
}

/** Another beginning, with an end that follows it: the meeting stays as long as it is on the clock. */
export function beginning(draft: Pick<Draft, "from" | "to">, from: string): Pick<Draft, "from" | "to"> {
  const [was, ends, begins] = [minuteOf(draft.from), minuteOf(draft.to), minuteOf(from)];
  if (was === undefined || ends === undefined || begins === undefined) return { from, to: draft.to };
  const end = (begins + ends - was + 2 * day) % day;
  const two = (n: number) => String(n).padStart(2, "0");
  return { from, to: `${two(Math.floor(end / 60))}:${two(end % 60)}` };
}

const day = 24 * 60;

/** The minute of the day of a time such as 15:05. */
function minuteOf(time: string): number | undefined {
  const [hour, minute] = time.split(":").map(Number);
  return hour === undefined || minute === undefined || Number.isNaN(hour + minute)
    ? undefined
    : hour * 60 + minute;
}

function dayAfter(date: string): string {
  const at = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(at) ? date : new Date(at + 86_400_000).toISOString().slice(0, 10);
}

/** What the server is sent. */
export function bodyOf(draft: Draft): MeetingDraft {
  const { from, to } = localSpan(draft);
  return {
    title: draft.title.trim(),
    host_id: draft.host,
    ...(draft.room && { room_id: draft.room }),
    starts_at: from,
    ends_at: to,
    time_zone: draft.zone,
    agenda: draft.agenda
      .filter((a) => a.title.trim() !== "")
      .map((a) => ({ title: a.title.trim(), minutes: a.minutes })),
    invitees: draft.guests.map((g) => ({
      kind: g.kind,
      ...(g.ref !== undefined && { ref: g.ref }),
      name: g.name,
      ...(g.email && { email: g.email }),
      language: g.language,
      time_zone: g.timeZone,
    })),
    may_be_recorded: draft.mayBeRecorded,
    video_codec: draft.codec,
    note: draft.note.trim(),
  };
}

/** A find of the picker as an invitee. */
export function guestOf(found: Found, zone: string): Guest {
  return {
    key: found.id,
    kind: found.kind,
    ref: found.id,
    name: found.name,
    ...(found.email !== undefined && { email: found.email }),
    language: found.language ?? (/\p{Script=Han}/u.test(found.name) ? "zh-CN" : "en"),
    timeZone: found.time_zone || zone,
  };
}

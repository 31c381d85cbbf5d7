import type { ScheduledContent } from "../api/types";
import { instantOf, localText, wallClock } from "../time/zones";
import type { Said } from "./Composer";

/** A message as it is kept for later. */
export function scheduledContent({ text, more }: Said): ScheduledContent {
  return {
    text,
    ...(more.text_en && { text_en: more.text_en }),
    ...(more.topic && { topic: more.topic }),
    ...(more.replyTo && { reply_to: more.replyTo.id }),
    ...(more.mentions?.length && { mentions: more.mentions }),
    ...(more.mentionGroups?.length && { mention_groups: more.mentionGroups }),
    ...(more.attachments?.length && { attachments: more.attachments.map((a) => a.id) }),
    ...(more.mustConfirm && { must_confirm: true, urgent: more.urgent ?? false }),
  };
}

/** The next time at which a clock on the wall of a zone shows a full hour. */
export function nextAt(hour: number, zone: string, now: Date): Date {
  const today = localText(now, zone).slice(0, 10);
  const at = (day: string) => instantOf(`${day}T${String(hour).padStart(2, "0")}:00`, zone) ?? now;
  if (at(today) > now) return at(today);
  const { year, month, day } = wallClock(now, zone);
  return at(new Date(Date.UTC(year, month - 1, day + 1)).toISOString().slice(0, 10));
}

/** Whether people in a zone are left alone: from ten in the evening until eight in the morning. */
export function isAsleep(at: Date, zone: string): boolean {
  const { hour } = wallClock(at, zone);
  return hour < 8 || hour >= 22;
}

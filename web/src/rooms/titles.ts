import type { Room } from "../api/types";

/** What a room is called in a language: people by their name, places by theirs. */
export function roomTitle(
  room: Pick<Room, "title" | "title_en" | "counterpart">,
  language: "zh-CN" | "en",
): string {
  if (room.counterpart) return room.counterpart.name;
  return language === "en" && room.title_en !== "" ? room.title_en : room.title;
}

/** Rooms with a live meeting first, then by the newest message. */
export function byNewest(
  a: { live: boolean; at: string | undefined; title: string },
  b: { live: boolean; at: string | undefined; title: string },
): number {
  if (a.live !== b.live) return a.live ? -1 : 1;
  if (a.at !== b.at) return (b.at ?? "").localeCompare(a.at ?? "");
  return a.title.localeCompare(b.title);
}

import type { Message } from "../wire/messages";

/** What somebody is writing in a room and has not sent yet. */
export interface Writing {
  text: string;
  text_en: string;
  topic: string;
  replyTo?: Message | undefined;
}

const key = (person: string, room: string) => `writing:${person}:${room}`;

/** What was being written in a room when the page was closed or another room opened. */
export function keptWriting(storage: Storage, person: string, room: string): Writing {
  try {
    const kept = JSON.parse(storage.getItem(key(person, room)) ?? "");
    const text = (of: unknown) => (typeof of === "string" ? of : "");
    const replyTo =
      typeof kept.replyTo?.id === "string" && typeof kept.replyTo.author?.name === "string"
        ? kept.replyTo
        : undefined;
    return { text: text(kept.text), text_en: text(kept.text_en), topic: text(kept.topic), replyTo };
  } catch {
    return { text: "", text_en: "", topic: "" };
  }
}

/** Keeps what is being written; what is empty is forgotten. */
export function keepWriting(storage: Storage, person: string, room: string, writing: Writing): void {
  try {
    if (writing.text || writing.text_en || writing.replyTo)
      storage.setItem(key(person, room), JSON.stringify(writing));
    else storage.removeItem(key(person, room));
  } catch {
    // Full, or forbidden: it lives as long as the page.
  }
}

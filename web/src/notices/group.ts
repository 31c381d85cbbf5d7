import type { Notice } from "../api/types";

/** A line of the list: one notice, or the messages of one room in a row. */
export interface Line {
  notice: Notice;
  /** How many it stands for. */
  count: number;
}

/** Puts messages of one room that follow each other, and are read alike, into one line. */
export function linesOf(notices: readonly Notice[]): Line[] {
  const lines: Line[] = [];
  for (const notice of notices) {
    const before = lines.at(-1);
    if (
      before &&
      notice.kind === "message" &&
      before.notice.kind === "message" &&
      before.notice.room === notice.room &&
      before.notice.read === notice.read
    ) {
      before.count += 1;
    } else lines.push({ notice, count: 1 });
  }
  return lines;
}

/** Whether a notice asks its reader to come into a meeting now. */
export function callsInto({ kind }: Pick<Notice, "kind">): boolean {
  return kind === "meeting_soon" || kind === "meeting_begun" || kind === "guest_waits";
}

/** The newest unread notice that came after one that was known. */
export function newestAfter(notices: readonly Notice[], known: number): Notice | undefined {
  const newest = notices[0];
  return newest && newest.id > known && !newest.read ? newest : undefined;
}

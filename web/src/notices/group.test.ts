import { describe, expect, it } from "vitest";
import type { Notice } from "../api/types";
import { linesOf, newestAfter } from "./group";

const notice = (id: number, more?: Partial<Notice>): Notice => ({
  id,
  kind: "message",
  room: "r1",
  title: "林悦",
  text: "",
  urgent: false,
  at: "2026-11-25T07:00:00Z",
  read: false,
  ...more,
});

describe("linesOf", () => {
  it("puts messages of one room that follow each other into one line", () => {
    const lines = linesOf([
      notice(9),
      notice(8),
      notice(7, { kind: "mention" }),
      notice(6),
      notice(5, { room: "r2" }),
      notice(4, { room: "r2", read: true }),
      notice(3, { room: "r2", read: true }),
    ]);
    expect(lines.map((l) => [l.notice.id, l.count])).toEqual([
      [9, 2],
      [7, 1],
      [6, 1],
      [5, 1],
      [4, 2],
    ]);
  });
});

describe("newestAfter", () => {
  it("finds only what is new and unread", () => {
    expect(newestAfter([notice(9), notice(8)], 8)?.id).toBe(9);
    expect(newestAfter([notice(9, { read: true })], 8)).toBeUndefined();
    expect(newestAfter([notice(9)], 9)).toBeUndefined();
    expect(newestAfter([], 0)).toBeUndefined();
  });
});

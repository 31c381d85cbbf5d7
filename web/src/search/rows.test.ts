import { describe, expect, it } from "vitest";
import type { FoundGroup } from "../api/types";
import { asSearch, fromTime } from "./filter";
import { joined } from "./queries";
import { nextChoice, type Page, pagesFor, rowsOf, targetOf } from "./rows";

const pages: Page[] = [
  { path: "/contacts", title: "通讯录", words: ["Contacts", "tongxunlu", "txl"] },
  { path: "/meetings/new", title: "安排会议", words: ["Arrange a meeting", "aphy"] },
];
const piece = (text: string) => [{ text }];
const group = (more: Partial<FoundGroup>): FoundGroup => ({
  kind: "messages",
  items: [],
  failed: false,
  ...more,
});

describe("pages", () => {
  it("are found by parts of Chinese words, beginnings of others, and initials", () => {
    expect(pagesFor("讯", pages).map((p) => p.path)).toEqual(["/contacts"]);
    expect(pagesFor("meet", pages).map((p) => p.path)).toEqual(["/meetings/new"]);
    expect(pagesFor("TXL", pages).map((p) => p.path)).toEqual(["/contacts"]);
    expect(pagesFor("eeting", pages)).toEqual([]);
    expect(pagesFor(" ", pages)).toEqual([]);
  });
});

describe("the palette", () => {
  const shown = { groups: [], pages, recent: [], stationRooms: new Map([["s1", "r1"]]) };

  it("shows what was chosen before and the pages while nothing is typed", () => {
    const recent = [{ title: "大使群", of: "rooms" as const, target: { to: "room" as const, room: "r" } }];
    expect(rowsOf({ ...shown, text: "", recent }).map((r) => r.key)).toEqual([
      "recent",
      "recent-0",
      "pages",
      "page-/contacts",
      "page-/meetings/new",
    ]);
  });

  it("shows groups with headings, says what is missing, and leads to all results", () => {
    const groups = [
      group({ kind: "people", items: [{ id: "a", title: piece("徐楚瑶"), sort: "account" }] }),
      group({ kind: "minutes", failed: true }),
      group({
        items: [{ id: "m", title: [], seq: 7, room: { id: "r", title: "群", title_en: "", kind: "group" } }],
      }),
    ];
    const rows = rowsOf({ ...shown, groups, text: "xcy" });
    expect(rows.map((r) => r.key)).toEqual([
      "people",
      "people-a-0",
      "minutes",
      "messages",
      "messages-m-0",
      "more",
    ]);
    expect(rows[4]).toMatchObject({ target: { to: "room", room: "r", at: 7 } });
  });

  it("steps over headings and around the ends", () => {
    const rows = rowsOf({ ...shown, text: "" });
    expect(nextChoice(rows, -1, 1)).toBe(1);
    expect(nextChoice(rows, 1, 1)).toBe(2);
    expect(nextChoice(rows, 2, 1)).toBe(1);
    expect(nextChoice(rows, 1, -1)).toBe(2);
    expect(nextChoice([], 0, 1)).toBe(-1);
  });

  it("leads stations to their rooms, and nowhere without one", () => {
    const station = (id: string) => ({ id, title: piece("站"), sort: "station" });
    expect(targetOf("people", station("s1"), shown.stationRooms)).toEqual({ to: "room", room: "r1" });
    expect(targetOf("people", station("s2"), shown.stationRooms)).toBeUndefined();
  });
});

describe("the filter in the address", () => {
  it("keeps what makes sense", () => {
    const room = "01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21";
    expect(asSearch({ q: 201, in: "messages", room, by: "x", when: "week", files: true, more: 1 })).toEqual({
      q: "201",
      in: "messages",
      room,
      when: "week",
      files: true,
    });
    expect(asSearch({ q: "", in: "secrets", when: "ever", files: "yes" })).toEqual({});
  });

  it("looks back by full hours", () => {
    const now = new Date("2026-11-25T08:30:00Z");
    expect(fromTime("week", now)?.toISOString()).toBe("2026-11-18T08:00:00.000Z");
    expect(fromTime(undefined, now)).toBeUndefined();
  });
});

it("joins the pages of one kind", () => {
  const hit = (id: string) => ({ id, title: piece(id) });
  const all = joined([
    { groups: [group({ items: [hit("a")], next_cursor: "n" })] },
    { groups: [group({ items: [hit("b")] })] },
  ]);
  expect(all).toHaveLength(1);
  expect(all[0]?.items.map((i) => i.id)).toEqual(["a", "b"]);
  expect(all[0]?.next_cursor).toBeUndefined();
});

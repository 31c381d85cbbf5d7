import { expect, it } from "vitest";
import { beginning, bodyOf, guestOf, isOvernight, localSpan, minutesOf, newDraft, startOf } from "./draft";

const draft = newDraft("host", "Asia/Shanghai", new Date("2026-11-23T20:00:00Z"));

it("begins as tomorrow at ten on the zone's own calendar", () => {
  expect(draft.date).toBe("2026-11-25");
  expect(startOf(draft)?.toISOString()).toBe("2026-11-25T02:00:00.000Z");
});

it("may run past midnight", () => {
  expect(localSpan({ date: "2026-12-31", from: "23:00", to: "00:30" })).toEqual({
    from: "2026-12-31T23:00",
    to: "2027-01-01T00:30",
  });
});

it("moves the end with the beginning", () => {
  expect(beginning({ from: "10:00", to: "11:00" }, "15:00")).toEqual({ from: "15:00", to: "16:00" });
  expect(beginning({ from: "10:00", to: "11:30" }, "23:00")).toEqual({ from: "23:00", to: "00:30" });
  expect(beginning({ from: "23:00", to: "00:30" }, "09:00")).toEqual({ from: "09:00", to: "10:30" });
  expect(beginning({ from: "10:00", to: "11:00" }, "")).toEqual({ from: "", to: "11:00" });
  expect(beginning({ from: "", to: "11:00" }, "09:00")).toEqual({ from: "09:00", to: "11:00" });
});

it("knows how long it is, and whether it ends the next day", () => {
  const at = (date: string, from: string, to: string, zone: string) => minutesOf({ date, from, to, zone });
  expect(at("2026-12-31", "10:00", "11:30", "Asia/Shanghai")).toBe(90);
  expect(at("2026-12-31", "15:00", "11:00", "Asia/Shanghai")).toBe(1200);
  expect(at("2027-10-31", "00:30", "04:00", "Europe/Berlin")).toBe(270); // the clocks are put back
  expect(at("", "10:00", "11:00", "Asia/Shanghai")).toBeUndefined();
  expect(isOvernight({ from: "15:00", to: "11:00" })).toBe(true);
  expect(isOvernight({ from: "10:00", to: "11:00" })).toBe(false);
  expect(isOvernight({ from: "10:00", to: "" })).toBe(false);
});

it("leaves out empty agenda items and keeps who is invited", () => {
  const found = {
    id: "1",
    kind: "contact" as const,
    name: "Ana Ruiz",
    name_latin: "",
    detail_en: "",
    detail_zh: "",
  };
  const body = bodyOf({
    ...draft,
    title: " 交流会 ",
    agenda: [
      { key: "a", title: " 介绍 ", minutes: 10 },
      { key: "b", title: " ", minutes: 10 },
    ],
    guests: [guestOf({ ...found, time_zone: "" }, "Asia/Shanghai")],
  });
  expect(body.title).toBe("交流会");
  expect(body).not.toHaveProperty("room_id");
  expect(bodyOf({ ...draft, room: "r" }).room_id).toBe("r");
  expect(body.agenda).toEqual([{ title: "介绍", minutes: 10 }]);
  expect(body.invitees).toEqual([
    { kind: "contact", ref: "1", name: "Ana Ruiz", language: "en", time_zone: "Asia/Shanghai" },
  ]);
});

import { expect, it } from "vitest";
import { bodyOf, guestOf, localSpan, newDraft, startOf } from "./draft";

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

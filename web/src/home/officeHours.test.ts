import { expect, it } from "vitest";
import { hoursToday, isOpen } from "./officeHours";

const week = [1, 2, 3, 4, 5].map((day) => ({ day, from: "09:00", to: "17:30" }));

it("is open by the clock on its own wall", () => {
  // Monday 23 November 2026, 09:00 in Dubai is 05:00 UTC.
  expect(isOpen(week, "Asia/Dubai", new Date("2026-11-23T05:00:00Z"))).toBe(true);
  expect(isOpen(week, "Asia/Dubai", new Date("2026-11-23T04:59:00Z"))).toBe(false);
  expect(isOpen(week, "Asia/Dubai", new Date("2026-11-23T13:30:00Z"))).toBe(false);
  expect(isOpen(week, "Asia/Dubai", new Date("2026-11-22T08:00:00Z"))).toBe(false);
});

it("may be open past midnight", () => {
  const night = [{ day: 7, from: "22:00", to: "02:00" }];
  expect(isOpen(night, "UTC", new Date("2026-11-22T23:00:00Z"))).toBe(true);
  expect(isOpen(night, "UTC", new Date("2026-11-23T01:59:00Z"))).toBe(true);
  expect(isOpen(night, "UTC", new Date("2026-11-23T02:00:00Z"))).toBe(false);
});

it("names today's hours", () => {
  expect(hoursToday(week, "Asia/Dubai", new Date("2026-11-23T05:00:00Z"))).toBe("09:00–17:30");
  expect(hoursToday(week, "Asia/Dubai", new Date("2026-11-22T05:00:00Z"))).toBe("");
});

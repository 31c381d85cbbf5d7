import { expect, it } from "vitest";
import { isAsleep, nextAt } from "./later";

it.each([
  ["2026-11-25T00:30:00Z", "Asia/Shanghai", "2026-11-25T01:00:00.000Z"], // 8:30 there
  ["2026-11-25T01:00:00Z", "Asia/Shanghai", "2026-11-26T01:00:00.000Z"], // nine sharp is over
  ["2026-11-25T20:00:00Z", "Asia/Shanghai", "2026-11-26T01:00:00.000Z"], // the 26th there already
  ["2027-03-27T20:00:00Z", "Europe/Berlin", "2027-03-28T07:00:00.000Z"], // summer time begins in the night
  ["2026-12-31T18:00:00Z", "America/Mexico_City", "2027-01-01T15:00:00.000Z"],
])("finds nine o'clock after %s in %s", (now, zone, want) => {
  expect(nextAt(9, zone, new Date(now)).toISOString()).toBe(want);
});

it("knows when people are left alone", () => {
  const asleep = (at: string, zone: string) => isAsleep(new Date(at), zone);
  expect(asleep("2026-11-25T13:59:00Z", "Asia/Shanghai")).toBe(false);
  expect(asleep("2026-11-25T14:00:00Z", "Asia/Shanghai")).toBe(true);
  expect(asleep("2026-11-25T00:00:00Z", "Asia/Shanghai")).toBe(false);
  expect(asleep("2026-11-25T13:59:00Z", "America/Mexico_City")).toBe(true);
});

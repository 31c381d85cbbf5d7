import { describe, expect, it } from "vitest";
import { asleep, nextOpening } from "./guard";

const weekdays = [1, 2, 3, 4, 5].map((day) => ({ day, from: "09:00", to: "17:30" }));

describe("asleep", () => {
  const berlin = { id: "b", name: "Weiss", zone: "Europe/Berlin" };
  const reasons = (at: string, hours?: typeof weekdays) =>
    asleep([hours ? { ...berlin, hours } : berlin], new Date(at)).map((p) => p.reason);

  it("spares people at night, from ten to seven", () => {
    expect(reasons("2026-11-25T20:59:00Z")).toEqual([]);
    expect(reasons("2026-11-25T21:00:00Z")).toEqual(["night"]);
    expect(reasons("2026-11-25T05:59:00Z")).toEqual(["night"]);
    expect(reasons("2026-11-25T06:00:00Z")).toEqual([]);
  });

  it("spares stations outside of their hours", () => {
    expect(reasons("2026-11-25T07:59:00Z", weekdays)).toEqual(["closed"]);
    expect(reasons("2026-11-25T08:00:00Z", weekdays)).toEqual([]);
    expect(reasons("2026-11-28T10:00:00Z", weekdays)).toEqual(["closed"]);
    expect(reasons("2026-11-28T23:00:00Z", weekdays)).toEqual(["night"]);
    expect(reasons("2026-11-28T10:00:00Z", [])).toEqual([]);
  });
});

describe("nextOpening", () => {
  const opening = (zone: string, now: string, hours?: typeof weekdays) =>
    nextOpening({ id: "a", name: "A", zone, ...(hours && { hours }) }, new Date(now)).toISOString();

  it("is nine on the wall of who has no office, over changes of the clock, too", () => {
    for (const [zone, now, nine] of [
      ["Europe/Berlin", "2026-11-25T02:00:00Z", "2026-11-25T08:00:00.000Z"],
      ["Europe/Berlin", "2026-11-25T08:00:00Z", "2026-11-26T08:00:00.000Z"],
      ["Europe/Berlin", "2026-03-28T20:00:00Z", "2026-03-29T07:00:00.000Z"],
      ["Europe/Berlin", "2026-10-24T20:00:00Z", "2026-10-25T08:00:00.000Z"],
      ["America/Mexico_City", "2026-11-25T16:00:00Z", "2026-11-26T15:00:00.000Z"],
      ["Australia/Sydney", "2026-11-25T13:30:00Z", "2026-11-25T22:00:00.000Z"],
    ] as const) {
      expect(opening(zone, now)).toBe(nine);
    }
  });

  it("is when the office opens: after its noon, or on the next day that it has", () => {
    const mexico = weekdays.flatMap(({ day }) => [
      { day, from: "09:00", to: "14:00" },
      { day, from: "16:00", to: "19:00" },
    ]);
    expect(opening("America/Mexico_City", "2026-11-25T20:30:00Z", mexico)).toBe("2026-11-25T22:00:00.000Z");
    expect(opening("America/Mexico_City", "2026-11-28T02:00:00Z", mexico)).toBe("2026-11-30T15:00:00.000Z");
    const tokyo = weekdays.map((h) => ({ ...h, from: "09:30" }));
    expect(opening("Asia/Tokyo", "2026-11-24T15:00:00Z", tokyo)).toBe("2026-11-25T00:30:00.000Z");
    expect(opening("Asia/Tokyo", "2026-11-24T15:00:00Z", [])).toBe("2026-11-25T00:00:00.000Z");
  });
});

import { describe, expect, it } from "vitest";
import { elapsed, shiftMark, span, zoneName } from "./format";
import { dayShift, instantOf, isNight, localText, sameDay, wallClock } from "./zones";

const at = new Date("2026-11-23T20:30:00Z");

describe("clocks", () => {
  it("reads a wall clock anywhere", () => {
    expect(wallClock(at, "Asia/Shanghai")).toEqual({
      year: 2026,
      month: 11,
      day: 24,
      weekday: 2,
      hour: 4,
      minute: 30,
    });
    expect(wallClock(at, "America/Toronto").hour).toBe(15);
    expect(wallClock(new Date("2026-11-23T16:00:00Z"), "Asia/Shanghai").hour).toBe(0);
  });
  it("knows another day elsewhere", () => {
    expect(dayShift(at, "Asia/Shanghai", "Europe/Berlin")).toBe(1);
    expect(shiftMark(at, "Europe/Berlin", "Asia/Shanghai")).toBe("−1");
    expect(shiftMark(at, "Europe/Berlin", "Europe/Paris")).toBe("");
    expect(sameDay(at, new Date("2026-11-24T10:00:00Z"), "Asia/Shanghai")).toBe(true);
  });
  it("knows night", () => {
    expect(isNight(at, "Asia/Shanghai")).toBe(true);
    expect(isNight(at, "America/Toronto")).toBe(false);
  });
});

describe("words", () => {
  it("says whose clock it is", () => {
    expect(zoneName("Asia/Shanghai", "zh-CN")).toBe("北京时间");
    expect(zoneName("Asia/Shanghai", "en")).toBe("Beijing time");
    for (const zone of ["America/Mexico_City", "Asia/Almaty", "Europe/Berlin", "Australia/Sydney"]) {
      expect(zoneName(zone, "zh-CN")).toMatch(/^\p{Script=Han}+时间$/u);
      expect(zoneName(zone, "en")).toMatch(/^[A-Z].* time$/);
    }
  });
  it("marks a span over midnight", () => {
    const to = new Date("2026-11-24T00:30:00Z");
    expect(span(at, to, "UTC", "en")).toContain("20:30–00:30 (+1)");
    expect(span(at, to, "Asia/Shanghai", "zh-CN")).toContain("04:30–08:30");
  });
  it("counts time gone by", () => {
    expect(elapsed(65_000)).toBe("1:05");
    expect(elapsed(3_909_000)).toBe("1:05:09");
  });
});

describe("local times", () => {
  it.each([
    ["2026-11-25T15:00", "Asia/Shanghai", "2026-11-25T07:00:00.000Z"],
    ["2026-11-25T00:30", "America/Toronto", "2026-11-25T05:30:00.000Z"],
    ["2026-07-01T09:00", "Europe/Berlin", "2026-07-01T07:00:00.000Z"],
    ["2026-10-25T04:00", "Europe/Berlin", "2026-10-25T03:00:00.000Z"],
    ["2026-03-29T01:59", "Europe/Berlin", "2026-03-29T00:59:00.000Z"],
    ["2026-11-25T12:00", "Asia/Kathmandu", "2026-11-25T06:15:00.000Z"],
  ])("%s in %s", (local, zone, utc) => {
    const at = instantOf(local, zone);
    expect(at?.toISOString()).toBe(utc);
    expect(at && localText(at, zone)).toBe(local);
  });
  it("says when a text is no time", () => {
    expect(instantOf("tomorrow", "UTC")).toBeUndefined();
  });
});

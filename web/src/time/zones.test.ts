import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { duration, elapsed, shiftMark, span, zoneName } from "./format";
import {
  dayShift,
  distinctZones,
  instantOf,
  isNight,
  localText,
  sameDay,
  sameZone,
  wallClock,
} from "./zones";

interface Cases {
  instants: { wall: string; zone: string; at: string | null }[];
  canonical: { zone: string; same: string }[];
}

const table = new URL("../../../internal/clock/testdata/wall.json", import.meta.url);
const cases = JSON.parse(readFileSync(table, "utf8")) as Cases;
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
  it("has a Chinese name for every zone that this browser knows", () => {
    const foreign = Intl.supportedValuesOf("timeZone").filter((zone) =>
      /[A-Za-z]/.test(zoneName(zone, "zh-CN")),
    );
    expect(foreign).toEqual([]);
    expect(zoneName("Asia/Hong_Kong", "zh-CN")).toBe("中国香港时间");
    expect(zoneName("Asia/Taipei", "zh-CN")).toBe("中国台北时间");
  });
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

describe("local times, by the table that the hub is held to as well", () => {
  it.each(cases.instants)("$wall in $zone", ({ wall, zone, at }) => {
    const moment = instantOf(wall, zone);
    expect(moment?.getTime()).toBe(at === null ? undefined : Date.parse(at));
    if (moment) expect(localText(moment, zone)).toBe(wall);
  });
  it.each(cases.canonical)("$zone is $same", ({ zone, same }) => {
    expect(sameZone(zone, same)).toBe(true);
    expect(zoneName(zone, "zh-CN")).toBe(zoneName(same, "zh-CN"));
    expect(distinctZones([zone, "UTC", same])).toEqual([zone, "UTC"]);
  });
  it("tells zones apart, also those that nobody knows", () => {
    expect(sameZone("Europe/Berlin", "Europe/Paris")).toBe(false);
    expect(sameZone("Mars/Base", "Mars/Base")).toBe(true);
    expect(sameZone("Mars/Base", "UTC")).toBe(false);
  });
});

it("says how long something is", () => {
  expect(duration(0, "en")).toBe("0 min");
  expect(duration(90, "en")).toBe("1 h 30 min");
  expect(duration(120, "zh-CN")).toBe("2 小时");
});

import { describe, expect, it } from "vitest";
import { timesOf, wasMoved } from "./held";

const planned = { starts_at: "2026-12-01T07:00:00Z", ends_at: "2026-12-01T08:00:00Z" };
const held = (from: string, to: string) => ({
  ...planned,
  held: { from: `2026-12-01T${from}Z`, to: `2026-12-01T${to}Z` },
});

describe("the times of a meeting", () => {
  it("are the planned ones until it was held", () => {
    expect(timesOf(planned).to).toEqual(new Date(planned.ends_at));
    expect(timesOf(held("06:56:10", "07:31:00")).from.toISOString()).toBe("2026-12-01T06:56:10.000Z");
  });

  it("were moved when a clock on the wall shows it", () => {
    expect(wasMoved(planned)).toBe(false);
    expect(wasMoved(held("07:00:59", "08:00:01"))).toBe(false);
    expect(wasMoved(held("06:59:59", "08:00:01"))).toBe(true);
    expect(wasMoved(held("07:00:00", "07:31:00"))).toBe(true);
  });
});

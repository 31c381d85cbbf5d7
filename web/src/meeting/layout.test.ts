import { describe, expect, it } from "vitest";
import { type Area, type Box, grid, speaker } from "./layout";

const areas: Area[] = [
  { width: 390, height: 560 },
  { width: 844, height: 300 },
  { width: 1024, height: 640 },
  { width: 1440, height: 800 },
  { width: 320, height: 200 },
];

const inside = (box: Box, area: Area) =>
  box.left >= -0.01 &&
  box.top >= -0.01 &&
  box.left + box.width <= area.width + 0.01 &&
  box.top + box.height <= area.height + 0.01;

const apart = (a: Box, b: Box) =>
  a.left + a.width <= b.left + 0.01 ||
  b.left + b.width <= a.left + 0.01 ||
  a.top + a.height <= b.top + 0.01 ||
  b.top + b.height <= a.top + 0.01;

for (const [name, layout] of [["grid", grid] as const, ["speaker", speaker] as const]) {
  describe(name, () => {
    for (const area of areas) {
      it(`keeps tiles inside and apart on ${area.width}×${area.height}`, () => {
        for (let count = 1; count <= 25; count++) {
          const boxes = layout(area, count);
          expect(boxes.length).toBeGreaterThan(0);
          for (const [i, box] of boxes.entries()) {
            expect(inside(box, area)).toBe(true);
            for (const other of boxes.slice(i + 1)) expect(apart(box, other)).toBe(true);
          }
        }
      });
    }
    it("has nothing to lay out on nothing", () => {
      expect(layout({ width: 0, height: 0 }, 4)).toEqual([]);
      expect(layout({ width: 100, height: 100 }, 0)).toEqual([]);
    });
  });
}

describe("grid", () => {
  it("shows everybody, all of one size", () => {
    for (const area of areas) {
      for (let count = 1; count <= 25; count++) {
        const boxes = grid(area, count);
        expect(boxes).toHaveLength(count);
        expect(new Set(boxes.map((b) => Math.round(b.width))).size).toBe(1);
      }
    }
  });
});

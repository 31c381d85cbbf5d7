import { expect, it } from "vitest";
import { boxRatio, lengthText, sizeText } from "./sizes";

it("words sizes", () => {
  expect(sizeText(0, "en")).toBe("0 B");
  expect(sizeText(999, "en")).toBe("999 B");
  expect(sizeText(3_440_000, "en")).toBe("3.4 MB");
  expect(sizeText(209_715_200, "zh-CN")).toBe("210 MB");
  expect(sizeText(5e12, "en")).toBe("5,000 GB");
});

it("words lengths", () => {
  expect(lengthText(0)).toBe("0:00");
  expect(lengthText(7499)).toBe("0:07");
  expect(lengthText(725_000)).toBe("12:05");
});

it("keeps pictures in their shape, within reason", () => {
  expect(boxRatio(1600, 1200)).toBeCloseTo(4 / 3);
  expect(boxRatio(10_000, 10)).toBe(2.2);
  expect(boxRatio(10, 10_000)).toBe(0.6);
  expect(boxRatio(0, 0)).toBeCloseTo(4 / 3);
});

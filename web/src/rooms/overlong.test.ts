import { expect, it } from "vitest";
import { overlong } from "./overlong";

it("counts characters as the hub does", () => {
  expect(overlong("长".repeat(10_000))).toBe(0);
  expect(overlong("长".repeat(10_001))).toBe(1);
  expect(overlong("🚀".repeat(10_000))).toBe(0);
  expect(overlong("🚀".repeat(10_003))).toBe(3);
});

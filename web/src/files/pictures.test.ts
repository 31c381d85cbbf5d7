import { expect, it } from "vitest";
import { isShownAsPicture, smallURL } from "./pictures";

const animated = { id: "a", type: "image/webp", size: 90_000, width: 300, height: 200, preview: false };

it("shows pictures that the hub cannot draw as they are", () => {
  expect(isShownAsPicture(animated)).toBe(true);
  expect(smallURL(animated)).toBe("/api/files/a");
  expect(smallURL({ ...animated, preview: true })).toBe("/api/files/a/preview");
  expect(isShownAsPicture({ ...animated, preview: true, width: 0 })).toBe(true);
});

it("shows files as files, and pictures that are too large to be drawn", () => {
  expect(isShownAsPicture({ ...animated, type: "image/heic" })).toBe(false);
  expect(isShownAsPicture({ ...animated, type: "application/pdf" })).toBe(false);
  expect(isShownAsPicture({ ...animated, width: 1, height: 40_000_001 })).toBe(false);
  expect(isShownAsPicture({ ...animated, width: 0 })).toBe(false);
  expect(isShownAsPicture({ ...animated, size: 60_000_000 })).toBe(false);
});

import { expect, it } from "vitest";
import { isSendKey } from "./keys";

const plain = {
  key: "Enter",
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
};

it("sends on Enter alone", () => {
  expect(isSendKey(plain)).toBe(true);
  expect(isSendKey({ ...plain, ctrlKey: true })).toBe(false);
  expect(isSendKey({ ...plain, key: "a" })).toBe(false);
});

it("never sends the Enter that ends a composition", () => {
  expect(isSendKey({ ...plain, isComposing: true })).toBe(false);
  expect(isSendKey({ ...plain, keyCode: 229 })).toBe(false);
});

import { expect, it } from "vitest";
import { composerKey, isSendKey } from "./keys";

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

it("knows what keys mean where messages are written", () => {
  expect(composerKey(plain, false)).toBe("send");
  expect(composerKey(plain, true)).toBe("insert");
  expect(composerKey({ ...plain, key: "Tab" }, true)).toBe("insert");
  expect(composerKey({ ...plain, key: "Tab" }, false)).toBeUndefined();
  expect(composerKey({ ...plain, key: "ArrowDown" }, true)).toBe("next");
  expect(composerKey({ ...plain, key: "ArrowDown" }, false)).toBeUndefined();
  expect(composerKey({ ...plain, ctrlKey: true }, false)).toBe("break");
  expect(composerKey({ ...plain, isComposing: true }, true)).toBeUndefined();
});

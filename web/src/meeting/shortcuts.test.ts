import { expect, it } from "vitest";
import { type Key, shortcutOf } from "./shortcuts";

const key = (code: string, more: Partial<Key> = {}): Key => ({
  code,
  key: "",
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  isComposing: false,
  ...more,
});

it("knows its keys", () => {
  expect(shortcutOf(key("KeyA", { altKey: true }), false)).toBe("microphone");
  expect(shortcutOf(key("KeyD", { ctrlKey: true }), false)).toBe("microphone");
  expect(shortcutOf(key("Space"), false)).toBe("talk");
  expect(shortcutOf(key("Slash", { key: "?", shiftKey: true }), false)).toBe("help");
  expect(shortcutOf(key("KeyA"), false)).toBeUndefined();
  expect(shortcutOf(key("KeyA", { altKey: true, ctrlKey: true }), false)).toBeUndefined();
});

it("never fires while somebody types or composes", () => {
  expect(shortcutOf(key("Space"), true)).toBeUndefined();
  expect(shortcutOf(key("KeyA", { altKey: true }), true)).toBeUndefined();
  expect(shortcutOf(key("Space", { isComposing: true }), false)).toBeUndefined();
  expect(shortcutOf(key("Space", { keyCode: 229 }), false)).toBeUndefined();
});

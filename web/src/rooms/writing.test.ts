import { expect, it } from "vitest";
import { emptyDrawers } from "./drawer";
import { keepWriting, keptWriting } from "./writing";

function storage(): Storage {
  const kept = new Map<string, string>();
  return new Proxy({} as Storage, {
    get: (_, name) =>
      ({
        getItem: (k: string) => kept.get(k) ?? null,
        setItem: (k: string, v: string) => void kept.set(k, v),
        removeItem: (k: string) => void kept.delete(k),
      })[String(name)],
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
}

it("keeps what is being written in each room, until it is sent or somebody signs out", () => {
  const s = storage();
  keepWriting(s, "me", "a", { text: "你好", text_en: "hello", topic: "签证" });
  keepWriting(s, "me", "b", { text: "b", text_en: "", topic: "" });
  expect(keptWriting(s, "me", "a")).toMatchObject({ text: "你好", text_en: "hello", topic: "签证" });
  expect(keptWriting(s, "other", "a").text).toBe("");
  keepWriting(s, "me", "a", { text: "", text_en: "", topic: "签证" });
  expect(keptWriting(s, "me", "a").topic).toBe("");
  emptyDrawers(s);
  expect(keptWriting(s, "me", "b").text).toBe("");
});

it("reads nothing out of what it does not understand", () => {
  const s = storage();
  for (const bad of ["", "null", "7", "{", '{"text":7,"replyTo":{"id":3}}']) {
    s.setItem("writing:me:a", bad);
    expect(keptWriting(s, "me", "a")).toMatchObject({ text: "", text_en: "" });
  }
});

import { expect, it } from "vitest";
import { mentionable, mentionBefore, mentionedIn, pieces, piecesOf } from "./mentions";

const people = [
  { id: "1", kind: "account" as const, name: "林月" },
  { id: "2", kind: "account" as const, name: "Anna Berg" },
];

it("finds the mention that is being written", () => {
  expect(mentionBefore("hi @an", 6)).toEqual({ start: 3, query: "an" });
  expect(mentionBefore("请@林", 3)).toEqual({ start: 1, query: "林" });
  expect(mentionBefore("a@b.example", 11)).toBeUndefined();
  expect(mentionBefore("@a b", 4)).toBeUndefined();
});

it("offers and recognises people", () => {
  expect(mentionable(people, [], "AN", "x").map((p) => p.id)).toEqual(["2"]);
  expect(
    mentionable(people, [{ id: "everyone", name: "所有人", group: true }], "", "1").map((p) => p.id),
  ).toEqual(["2", "everyone"]);
  expect(mentionable(people, [], "ly", "x", new Set(["1"])).map((p) => p.id)).toEqual(["1"]);
  expect(mentionedIn("@林月 @Anna Berg", people)).toEqual(["1", "2"]);
});

it("cuts links and mentions out of a text", () => {
  expect(pieces("看 https://example.org/a?b=1，@林月！", piecesOf(["林月"]))).toEqual([
    { kind: "text", text: "看 " },
    { kind: "link", text: "https://example.org/a?b=1" },
    { kind: "text", text: "，" },
    { kind: "mention", text: "@林月" },
    { kind: "text", text: "！" },
  ]);
  expect(pieces("plain", piecesOf([]))).toEqual([{ kind: "text", text: "plain" }]);
});

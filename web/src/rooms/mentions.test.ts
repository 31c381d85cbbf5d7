import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { mentionedIn } from "./mentioned";
import { mentionable, mentionBefore, pieces, piecesOf } from "./mentions";

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
  expect(mentionedIn(["@林月", "@Anna Berg"], people).mentions).toEqual(["1", "2"]);
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

const named = (text: string, names: string[], picked: string[] = []) =>
  mentionedIn(
    [text],
    names.map((name, i) => ({ id: `${name}${i}`, kind: "account" as const, name })),
    new Set(picked),
  );

it("tells those who are shown as mentioned, and nobody else", () => {
  expect(named("@王伟民 请看", ["王伟", "王伟民"]).mentions).toEqual(["王伟民1"]);
  expect(named("@王伟请看", ["王伟", "王伟民"]).mentions).toEqual(["王伟0"]);
  expect(named("写信到 x@王伟", ["王伟"]).mentions).toEqual([]);
  expect(named("@Anna and (@Ann)", ["Ann", "Anna"]).mentions).toEqual(["Ann0", "Anna1"]);
  expect(named("@Annabel", ["Ann", "Anna"]).mentions).toEqual([]);
  expect(named("`@王伟` 与\n```\n@王伟\n```", ["王伟"]).mentions).toEqual([]);
  expect(named("**@王伟**：\n- @李明", ["王伟", "李明"]).mentions).toEqual(["王伟0", "李明1"]);
  expect(named("https://example.org/@王伟", ["王伟"]).mentions).toEqual([]);
  expect(named("@everyone，@管理员", [])).toEqual({ mentions: [], groups: ["everyone", "managers"] });
  expect(named("@everyonelse", [])).toEqual({ mentions: [], groups: [] });
});

it("of two of one name means the one that was picked", () => {
  expect(named("@王伟", ["王伟", "王伟"], ["王伟1"]).mentions).toEqual(["王伟1"]);
  expect(named("@王伟", ["王伟", "王伟"]).mentions).toEqual([]);
});

// The hub's robots make links of the same texts.
const table = new URL("../../../internal/notify/testdata/links.json", import.meta.url);
const cases = JSON.parse(readFileSync(table, "utf8")) as { text: string; links: string[] }[];

it.each(cases)("links end where a reader sees them end: $text", ({ text, links }) => {
  const found = pieces(text, piecesOf([]));
  expect(found.filter((p) => p.kind === "link").map((p) => p.text)).toEqual(links);
  expect(found.map((p) => p.text).join("")).toBe(text);
});

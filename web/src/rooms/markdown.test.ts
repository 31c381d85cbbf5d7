import { describe, expect, it } from "vitest";
import { type Block, type Inline, isSafeLink, parseMarkdown } from "./markdown";

/** The tree in one line: what is marked stands in brackets after its kind. */
function show(blocks: readonly Block[]): string {
  return blocks.map(showBlock).join("|");
}

function showBlock(b: Block): string {
  switch (b.kind) {
    case "paragraph":
      return b.children.map(showInline).join("");
    case "code":
      return `code{${b.text}}`;
    case "quote":
      return `quote{${show(b.children)}}`;
    case "list":
      return `list${b.start ?? ""}{${b.items.map(show).join(";")}}`;
  }
}

function showInline(i: Inline): string {
  switch (i.kind) {
    case "text":
      return i.text;
    case "break":
      return "/";
    case "time":
      return `time{${i.at.toISOString()}}`;
    case "anchor":
      return `anchor{${i.href} ${i.children.map(showInline).join("")}}`;
    case "strong":
    case "emphasis":
    case "strike":
      return `${i.kind}{${i.children.map(showInline).join("")}}`;
    default:
      return `${i.kind}{${i.text}}`;
  }
}

const parsed = (text: string, names: string[] = []) => show(parseMarkdown(text, names));

describe("the part of Markdown that messages have", () => {
  it.each([
    ["**粗** *斜* ~~删~~ `码`", "strong{粗} emphasis{斜} strike{删} code{码}"],
    ["**请注意。**明天开会", "strong{请注意。}明天开会"],
    ["一行\n两行", "一行/两行"],
    ["一段\n\n二段", "一段|二段"],
    ["> 引\n> 用", "quote{引/用}"],
    ["- 甲\n- 乙\n  - 丙", "list{甲;乙|list{丙}}"],
    ["3. 三\n4. 四", "list3{三;四}"],
    ["```go\nx := 1\n```", "code{x := 1}"],
    ["[站点](https://example.org/a)", "anchor{https://example.org/a 站点}"],
    ["看 https://example.org/会议。好", "看 link{https://example.org/会议}。好"],
    ["@林悦 **@周宁远** 好", "mention{@林悦} strong{mention{@周宁远}} 好"],
    ["见 <time:2026-12-01T15:00+08:00>！", "见 time{2026-12-01T07:00:00.000Z}！"],
    ["<time:2026-13-01T15:00Z> <time:x>", "<time:2026-13-01T15:00Z> <time:x>"],
    ["`<time:2026-12-01T15:00Z>`", "code{<time:2026-12-01T15:00Z>}"],
  ])("%j", (text, want) => {
    expect(parsed(text, ["林悦", "周宁远"])).toBe(want);
  });

  it.each([
    ["# 标题", "# 标题"],
    ["<b>x</b><script>alert(1)</script>", "<b>x</b><script>alert(1)</script>"],
    ["![图](https://example.org/x.png)", "!anchor{https://example.org/x.png 图}"],
    ["[x](javascript:alert(1))", "[x](javascript:alert(1))"],
    ["[x](data:text/html,hi)", "[x](data:text/html,hi)"],
    ["[x](/rooms/1)", "x"],
    ["[x](vbscript:a)", "[x](vbscript:a)"],
    ["[x](java\\nscript:alert)", "x"],
    ["a | b\n--|--\n1 | 2", "a | b/--|--/1 | 2"],
    ["标题\n===", "标题/==="],
    ["---", "---"],
    ["    缩进", "缩进"],
    ["&lt;b&gt;", "&lt;b&gt;"],
  ])("is not more: %j", (text, want) => {
    expect(parsed(text)).toBe(want);
  });

  it("follows no link but those of the web and of mail", () => {
    for (const href of ["https://a.b", "HTTP://a", "mailto:a@b.c"]) expect(isSafeLink(href)).toBe(true);
    for (const href of [
      "javascript:x",
      " https://a",
      "JAVASCRIPT:x",
      "data:x",
      "file:///x",
      "/x",
      "",
      "https://a b",
    ])
      expect(isSafeLink(href)).toBe(false);
  });
});

it("shows a text of nothing but marks as it is", () => {
  const text = "*a_".repeat(1000);
  expect(parsed(`${text}\n**x** https://a.b`)).toBe(`${text}/**x** link{https://a.b}`);
});

const n = 10_000;
const fill = (unit: string) => unit.repeat(Math.ceil(n / unit.length)).slice(0, n);

/** Texts that have brought parsers down. */
const hostile: { [name: string]: string } = {
  emphasis: fill("*a "),
  "open emphasis": fill("*a_"),
  underscores: fill("_"),
  stars: fill("**"),
  "stars and letters": fill("**x*"),
  brackets: fill("["),
  "open links": fill("[a]("),
  "links in links": fill("[a](b"),
  "closing brackets": fill("[]("),
  images: fill("![["),
  backticks: fill("`"),
  "growing backticks": fill(Array.from({ length: 140 }, (_, i) => "`".repeat(i)).join("x")),
  quotes: fill("> "),
  "quotes in lists": fill("> - "),
  lists: fill("- "),
  "numbered lists": fill("1. "),
  "deep lists": Array.from({ length: 140 }, (_, i) => `${" ".repeat(i)}- a\n`)
    .join("")
    .slice(0, n),
  fences: fill("```\n"),
  tildes: fill("~~a"),
  escapes: fill("\\*"),
  angles: fill("<time:"),
  times: fill("<time:2026-12-01T15:00Z>"),
  mentions: fill("@林悦"),
  links: fill("https://a.b "),
  "one link": `https://${fill("a")}`,
  nul: fill("\0"),
  rtl: fill("\u202e*a*"),
  emoji: fill("👩‍💻*"),
  "lone surrogates": fill("\ud83d*"),
  newlines: fill("\n"),
  "tabs and stars": fill("\t*"),
  combining: fill("a\u0301_"),
};

const allowed = [
  "paragraph",
  "code",
  "quote",
  "list",
  "text",
  "mention",
  "link",
  "time",
  "break",
  "strong",
  "emphasis",
  "strike",
  "anchor",
];

/** Every node of a tree, and how deep it goes. */
function walk(
  nodes: readonly (Block | Inline)[],
  depth = 0,
): { kinds: Set<string>; depth: number; count: number } {
  const kinds = new Set<string>();
  let deepest = depth;
  let count = nodes.length;
  for (const node of nodes) {
    kinds.add(node.kind);
    const below = "children" in node ? node.children : "items" in node ? node.items.flat() : [];
    const found = walk(below, depth + 1);
    for (const kind of found.kinds) kinds.add(kind);
    deepest = Math.max(deepest, found.depth);
    count += found.count;
    if (node.kind === "anchor") expect(isSafeLink(node.href)).toBe(true);
  }
  return { kinds, depth: deepest, count };
}

describe("hostile texts of 10,000 characters", () => {
  it.each(Object.entries(hostile))("%s", (_, text) => {
    const { kinds, depth, count } = walk(parseMarkdown(text, ["林悦", "周宁远"]));
    expect([...kinds].filter((kind) => !allowed.includes(kind))).toEqual([]);
    expect(depth).toBeLessThan(40);
    expect(count).toBeLessThan(6000); // of what a page has to draw
  });
});

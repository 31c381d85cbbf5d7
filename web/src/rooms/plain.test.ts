import { expect, it } from "vitest";
import { plain } from "./plain";

it.each([
  ["**请注意。**明天 ~~三点~~ `四点`", "请注意。明天 三点 四点"],
  ["- 甲\n- 乙\n\n1. 丙\n> 丁", "甲 乙 丙 丁"],
  ["[站点](https://example.org) 和 [x](javascript:1)", "站点 和 [x](javascript:1)"],
  ["```go\nx := 1\n```", "x := 1"],
  ["2 * 3 = 6, a-b", "2 * 3 = 6, a-b"],
  ["见 <time:2026-12-01T15:00+08:00>", "见 12月1日周二 15:00"],
])("%j in one line", (text, want) => {
  expect(plain(text, "Asia/Shanghai", "zh-CN")).toBe(want);
});

it("takes no longer for hostile texts", () => {
  for (const unit of ["[", "**", "- ", "[a](https:", "`", "<time:", "\n> "]) {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 20 && best >= 50; i++) {
      const begun = performance.now();
      plain(unit.repeat(10_000 / unit.length), "UTC", "en");
      best = performance.now() - begun;
    }
    expect(best).toBeLessThan(50);
  }
});

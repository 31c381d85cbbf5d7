import { expect, it } from "vitest";
import { alike, newsOf, tidy } from "./useHead";

const someone = { name: "王一", unit: "", title: "" };

it("does not save a person without a name, nor blanks", () => {
  expect(
    tidy([
      { ...someone, name: " 王一 " },
      { name: " ", unit: "x", title: "" },
    ]),
  ).toEqual([someone]);
  expect(tidy(" 线上 ")).toBe("线上");
});

it("sees no change in a new empty line", () => {
  expect(alike([someone, { name: "", unit: "", title: "" }], [someone])).toBe(true);
  expect(alike([someone], [{ ...someone, title: "会长" }])).toBe(false);
  expect(alike("线上 ", "线上")).toBe(true);
});

it("never overwrites what somebody else wrote into the same part", () => {
  const base = { value: "a", revision: 3 };
  expect(newsOf("mine", base, { value: "theirs", revision: 4 })).toBe("clash");
  expect(newsOf("mine", base, { value: "a", revision: 4 })).toBe("nothing");
  expect(newsOf("mine", base, { value: "mine", revision: 4 })).toBe("take");
  expect(newsOf("a", base, { value: "theirs", revision: 4 })).toBe("take");
});

it("does not go back to an older state that comes late", () => {
  expect(newsOf("b", { value: "b", revision: 4 }, { value: "a", revision: 3 })).toBe("nothing");
});

import { expect, it } from "vitest";
import { alike, tidy } from "./useHead";

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

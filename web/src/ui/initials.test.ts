import { expect, it } from "vitest";
import { initialsOf } from "./initials";

it.each([
  ["林悦", "林悦"],
  ["欧阳明远", "明远"],
  ["安娜·贝格博士", "贝格"],
  ["博士", "博士"],
  ["Dr Anna Berger", "DB"],
  ["周宁远（墨西哥）", "宁远"],
  ["", "?"],
])("finds the letters of %s", (name, letters) => {
  expect(initialsOf(name)).toBe(letters);
});

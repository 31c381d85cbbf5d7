import { expect, it } from "vitest";
import { initialsOf } from "./initials";

it.each([
  ["林悦", "林悦"],
  ["欧阳明远", "明远"],
  ["安娜·贝格博士", "贝格"],
  ["博士", "博士"],
  ["Dr Anna Berger", "DB"],
  ["周宁远（墨西哥）", "宁远"],
  ["墨西哥城工作站", "墨西"],
  ["江苏师范大学", "江苏"],
  ["管理员", "管理"],
  ["李学", "李学"],
  ["司徒文会", "司徒"],
  ["", "?"],
])("finds the letters of %s", (name, letters) => {
  expect(initialsOf(name)).toBe(letters);
});

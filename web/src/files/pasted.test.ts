import { expect, it } from "vitest";
import { pastedFiles } from "./pasted";

const picture = new File(["x"], "image.png", { type: "image/png" });
const report = new File(["x"], "纪要.docx");

it("takes the text of cells, and files and pictures as such", () => {
  expect(pastedFiles([picture], "姓名\t城市\n王伟\t曼谷")).toEqual([]);
  expect(pastedFiles([picture], "")).toEqual([picture]);
  expect(pastedFiles([report], "纪要.docx")).toEqual([report]);
  expect(pastedFiles([picture, report], "image.png")).toEqual([picture, report]);
  expect(pastedFiles([], "text")).toEqual([]);
});

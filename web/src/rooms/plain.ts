import { moment } from "../time/format";
import { timeIn } from "./timeToken";

/** A message's text in one line: without its marks, with times by the reader's clock. */
export function plain(text: string, zone: string, language: "zh-CN" | "en"): string {
  let line = "";
  let at = 0;
  for (const { index, text: token, time } of timeIn(text)) {
    line += text.slice(at, index) + moment(time, zone, language);
    at = index + token.length;
  }
  return (line + text.slice(at))
    .replace(/^\s*(?:>|[-*+]|\d{1,9}[.)]|```\w*)(?=\s|$)\s*/gm, "")
    .replace(/\[([^\][]*)\]\((?:https?:|mailto:)[^()\s]*\)/g, "$1")
    .replace(/\*\*|~~|`/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

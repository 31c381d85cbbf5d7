import linkText from "../../../internal/clock/links.txt?raw";
import nameText from "../../../internal/clock/names_zh.txt?raw";

/** Reads lines of two words. */
function read(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const space = line.indexOf(" ");
      return [line.slice(0, space), line.slice(space + 1)];
    }),
  );
}

const names = read(nameText);
const links = read(linkText);

/** Whose clock a zone's is, in Chinese, by the table that the hub writes letters with: 柏林, 中国香港. */
export function chineseName(zone: string): string | undefined {
  return names.get(zone) ?? names.get(links.get(zone) ?? "");
}

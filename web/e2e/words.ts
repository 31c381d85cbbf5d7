import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The Chinese catalogue, by the English of the sources: tests look for what a person reads. */
const catalogue = new Map(
  [
    ...readFileSync(join(import.meta.dirname, "../src/locales/zh-CN.po"), "utf8").matchAll(
      /^msgid "(.+)"\nmsgstr "(.+)"$/gm,
    ),
  ].map(([, id = "", text = ""]) => [id, text]),
);

/** What a Chinese reader sees where the source says this; {0}, {name} … are filled in order. */
export function zh(english: string, ...values: string[]): string {
  const text = catalogue.get(english);
  if (text === undefined) throw new Error(`no Chinese for "${english}"`);
  let next = 0;
  return text.replace(/\{\w+\}/g, () => values[next++] ?? "");
}

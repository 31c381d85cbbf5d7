// Fails when a text of the client is missing in a catalogue: not extracted, or not translated.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const lingui = new URL("../node_modules/.bin/lingui", import.meta.url).pathname;
const folder = new URL("../src/locales/", import.meta.url);
const ids = (text) => [...text.matchAll(/^msgid ((?:".*"\n)+)/gm)].map((m) => m[1]).sort();

let failed = false;
for (const locale of ["en", "zh-CN"]) {
  const file = new URL(`${locale}.po`, folder);
  const before = readFileSync(file, "utf8");
  execFileSync(lingui, ["extract", "--clean", "--locale", locale], { stdio: "pipe" });
  const after = readFileSync(file, "utf8");
  writeFileSync(file, before);
  const known = new Set(ids(before));
  for (const id of ids(after)) if (!known.has(id)) fail(locale, "not in the catalogue", id);
  const untranslated = /^msgid ((?:".*"\n)+)msgstr ""\n(?!")/gm;
  for (const [, id] of before.matchAll(untranslated)) fail(locale, "not translated", id);
}
if (failed) {
  console.error("Run `npm run extract` and fill in what is empty.");
  process.exit(1);
}

function fail(locale, what, id) {
  failed = true;
  console.error(`${locale}: ${what}: ${id.trim()}`);
}

// Adds up what a guest downloads before the preview shows, and fails above the budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budget = 200_000;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

const files = new Set(["index.html"]);
const seen = new Set();
const add = (key) => {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  if (!chunk) throw new Error(`the build has no ${key}`);
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) add(next);
};
add("index.html");
add("src/join/entry.tsx");
add("src/locales/zh-CN.po");

let total = 0;
for (const file of files) total += gzipSync(readFileSync(new URL(file, dist))).length;
const line = `a guest loads ${(total / 1000).toFixed(1)} kB (gzip) in ${files.size} files before the preview; the budget is ${budget / 1000} kB`;
console.log(line);
if (total > budget) process.exit(1);

import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "zh-CN"],
  fallbackLocales: {},
  catalogs: [{ path: "<rootDir>/src/locales/{locale}", include: ["src"], exclude: ["src/api/gen/**"] }],
  format: formatter({ lineNumbers: false }),
  compileNamespace: "ts",
  orderBy: "origin",
});

import { lingui, linguiTransformerBabelPreset } from "@lingui/vite-plugin";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import babel from "@rolldown/plugin-babel";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where a hub listens while the client is being developed. */
const hub = process.env.YUNQIAO_HUB ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [
    react(),
    // The plugin's own macro transform needs a native module that is not installed on Node 20.
    babel({ presets: [linguiTransformerBabelPreset()] }),
    lingui({ failOnMissing: true }),
    tailwindcss(),
    { ...optimizeLocales.vite({ locales: ["zh-CN", "en-US"] }), enforce: "pre" },
  ],
  build: { target: "es2022", manifest: true, emptyOutDir: true, sourcemap: false },
  server: { proxy: { "/api": { target: hub, ws: true } } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

// The hub under test: its own port and data folder, filled with the
// demonstration. Set once, in the environment, since workers read this file, too.
process.env.YUNQIAO_E2E_PORT ??= String(20_000 + Math.floor(Math.random() * 20_000));
process.env.YUNQIAO_E2E_DATA ??= mkdtempSync(join(tmpdir(), "yunqiao-e2e-"));
const port = process.env.YUNQIAO_E2E_PORT;
// The private database runs as another user, who has to pass through.
const data = join(process.env.YUNQIAO_E2E_DATA, "data");
const command = [
  `chmod 711 ${process.env.YUNQIAO_E2E_DATA} &&`,
  "exec ../bin/yunqiao serve --demo",
  `--data-dir ${data} --http-addr 127.0.0.1:${port} --http-admin-addr 127.0.0.1:0`,
  "--media-udp-addr 127.0.0.1:0 --media-tcp-addr 127.0.0.1:0",
  // A relay runs where the hub knows its own address.
  "--media-relay-addr 127.0.0.1:0 --public-ip 127.0.0.1",
].join(" ");

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  timeout: 600_000,
  expect: { timeout: 20_000 },
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  // A second try is reported as flaky, not hidden.
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"]],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    actionTimeout: 20_000,
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--auto-select-desktop-capture-source=Entire screen",
        "--autoplay-policy=no-user-gesture-required",
      ],
    },
  },
  webServer: {
    command,
    url: `http://127.0.0.1:${port}/readyz`,
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGINT", timeout: 20_000 },
    stdout: "ignore",
    stderr: "pipe",
  },
});

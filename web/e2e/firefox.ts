import type { Page as HostPage } from "@playwright/test";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { zh } from "./words";

/**
 * Opens Debian's Firefox, which Playwright cannot drive: it brings a Firefox of
 * its own making, and what people use is another.
 */
export function openFirefox(language: string): Promise<Browser> {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    headless: true,
    extraPrefsFirefox: {
      "intl.accept_languages": language,
      "media.autoplay.default": 0,
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      // Meetings on this machine alone: otherwise loopback is no network to it.
      "media.peerconnection.ice.loopback": true,
      "media.peerconnection.ice.obfuscate_host_addresses": false,
      "permissions.default.camera": 1,
      "permissions.default.microphone": 1,
    },
  });
}

/** Comes by a guest's link in an English Firefox into the meeting of a Chinese reader, who admits. */
export async function comeIn(page: Page, link: string, host: HostPage): Promise<void> {
  await page.goto(new URL(link.replace("/join#", "/join?debug#"), host.url()).href);
  await page.locator("::-p-text(Ask to join)").click();
  await host
    .getByRole("button", { name: zh("Admit"), exact: true })
    .first()
    .click();
  await page.waitForSelector("[data-phase=in]");
}

/** What a Firefox receives: pictures decoded and sound energy, over all seats. */
export function receivedByFirefox(page: Page): Promise<{ frames: number; energy: number }> {
  return page.evaluate(async () => {
    const connection = window.__yunqiao?.peerConnection();
    const sum = { frames: 0, energy: 0 };
    if (!connection) return sum;
    for (const report of (await connection.getStats()).values()) {
      if (report.type !== "inbound-rtp") continue;
      if (report.kind === "video") sum.frames += report.framesDecoded ?? 0;
      else sum.energy += report.totalAudioEnergy ?? 0;
    }
    return sum;
  });
}

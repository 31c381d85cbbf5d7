import { expect } from "@playwright/test";
import { comeIn, openFirefox } from "./firefox";
import { arranged, goLive } from "./meetings";
import { berlin, seat, signIn, test } from "./people";
import { zh } from "./words";

test("a Firefox in a VP9 meeting sends the picture that a tile of any size takes", async ({ browser }) => {
  const host = (await seat(browser, berlin)).page;
  await signIn(host, "linyue");
  const { room, link } = await arranged(host, { title: "火狐 VP9", guest: "Anna Berg", codec: "vp9" });
  await goLive(host, room, false);
  const firefox = await openFirefox("en-GB");
  try {
    await comeIn(await firefox.newPage(), link, host);
    await host.getByRole("button", { name: zh("Layout") }).click();
    await host.getByRole("menuitem", { name: zh("Speaker") }).click();
    const video = host.locator("[data-tile]", { hasText: "Anna Berg" }).locator("video");
    const width = () => video.evaluate((v: HTMLVideoElement) => v.videoWidth);
    await expect.poll(width, { message: "a large tile", timeout: 40_000 }).toBe(1280);
    await host.setViewportSize({ width: 320, height: 420 });
    await expect.poll(width, { message: "a small tile" }).toBeLessThan(1280);
    await host.waitForTimeout(4000); // after three seconds nobody wants the large picture
    await host.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(width, { message: "a large tile again", timeout: 40_000 }).toBe(1280);
  } finally {
    await firefox.close();
  }
});

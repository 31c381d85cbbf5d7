import { expect, type Page } from "@playwright/test";
import { arranged, goLive } from "./meetings";
import { mexico, seat, seesAndHears, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** The codecs of the pictures that a page sends and shows. */
function codecs(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const report = await window.__yunqiao?.peerConnection()?.getStats();
    const found = new Set<string>();
    for (const stat of report?.values() ?? []) {
      const flows = (stat.framesEncoded ?? 0) + (stat.framesDecoded ?? 0) > 0;
      if (stat.kind === "video" && flows && stat.codecId) found.add(report?.get(stat.codecId)?.mimeType);
    }
    return [...found];
  });
}

test("a meeting in H264 is seen, recorded and played back", async ({ browser }) => {
  const staff = (await seat(browser, xuzhou)).page;
  const station = (await seat(browser, mexico)).page;
  await signIn(staff, "linyue");
  await signIn(station, "mexico");
  const { id, room } = await arranged(staff, {
    title: "硬件编码会议",
    guest: "Nobody",
    codec: "h264",
    members: ["周宁远"],
  });
  for (const page of [staff, station]) await goLive(page, room);
  await seesAndHears(staff, ["周宁远"]);
  await seesAndHears(station, ["林悦"]);
  for (const page of [staff, station]) expect(await codecs(page)).toEqual(["video/H264"]);

  await test.step("it is recorded", async () => {
    await staff.getByRole("button", { name: zh("Record"), exact: true }).click();
    await staff.getByRole("button", { name: zh("Start recording") }).click();
    await expect(staff.getByText(zh("Recording"), { exact: true }).first()).toBeVisible();
    await staff.waitForTimeout(6000); // something to play
    await staff.getByRole("button", { name: zh("Leave"), exact: true }).click();
    await staff.getByRole("menuitem", { name: zh("End meeting for all") }).click();
    await staff.getByRole("button", { name: zh("End meeting"), exact: true }).click();
    await expect(station.locator("[data-phase=in]")).toHaveCount(0);
  });

  await test.step("this browser plays it", async () => {
    await staff.goto(`/meetings/${id}`);
    await staff
      .getByRole("link", { name: zh("Play"), exact: true })
      .first()
      .click();
    // Sound from before the first picture, and pictures of another size, are files of their own.
    const media = staff.locator("video[data-file]");
    const read = () =>
      media.evaluateAll((all) =>
        (all as HTMLVideoElement[]).map((v) => ({
          height: v.videoHeight,
          frames: v.getVideoPlaybackQuality().totalVideoFrames,
          at: v.currentTime,
        })),
      );
    await expect
      .poll(async () => (await read()).filter((f) => f.height > 0).length, { timeout: 30_000 })
      .toBeGreaterThanOrEqual(2);
    await staff.getByRole("button", { name: zh("Play"), exact: true }).click();
    await expect
      .poll(async () => (await read()).reduce((longest, f) => Math.max(longest, f.at), 0), {
        timeout: 30_000,
      })
      .toBeGreaterThan(2);
    expect((await read()).filter((f) => f.frames > 5).length).toBeGreaterThanOrEqual(2);
    await expect(staff.getByText(zh("This browser cannot play this file."))).toHaveCount(0);
  });

  await test.step("one that cannot play it says so, and offers the file", async () => {
    // As where Matroska is unknown: what comes is no film at all.
    await staff.route(/\/api\/recordings\/[^/]+\/files\/[^/?]+$/, (route) =>
      route.fulfill({ contentType: "video/x-matroska", body: "not for this browser" }),
    );
    await staff.reload();
    const notices = staff.getByText(zh("This browser cannot play this file."));
    await expect(notices.nth(1)).toBeVisible();
    await expect(notices).toHaveCount(await staff.locator("video[data-file]").count());
    const download = staff.waitForEvent("download");
    await staff
      .getByRole("link", { name: zh("Download"), exact: true })
      .last()
      .click();
    expect((await download).suggestedFilename()).toMatch(/\.mkv$/);
  });
});

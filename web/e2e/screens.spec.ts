import { expect, type Locator, type Page } from "@playwright/test";
import { arranged, goLive } from "./meetings";
import { mexico, seat, seesAndHears, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** What the page sends of each of its pictures: which layers are on, and how large. */
function sends(page: Page): Promise<{ rid: string; active: boolean; height: number; codec: string }[]> {
  return page.evaluate(async () => {
    const report = await window.__yunqiao?.peerConnection()?.getStats();
    const list = [];
    for (const stat of report?.values() ?? []) {
      if (stat.type !== "outbound-rtp" || stat.kind !== "video" || !stat.mediaSourceId) continue;
      const codec: string = report?.get(stat.codecId)?.mimeType ?? "";
      list.push({ rid: stat.rid ?? "", active: stat.active === true, height: stat.frameHeight ?? 0, codec });
    }
    return list;
  });
}

/** The height of the largest picture of the camera that is sent; its layers have names. */
async function sentHeight(page: Page): Promise<number> {
  const layers = (await sends(page)).filter((l) => l.rid !== "" && l.active);
  return Math.max(0, ...layers.map((l) => l.height));
}

async function moves(video: Locator, what: string): Promise<void> {
  const shown = () => video.evaluate((v: HTMLVideoElement) => v.getVideoPlaybackQuality().totalVideoFrames);
  await expect(video).toBeVisible();
  const before = await shown();
  await expect.poll(shown, { message: what, timeout: 30_000 }).toBeGreaterThan(before + 3);
}

test("screens are shared as text and as film, by two at once; what nobody sees is not sent; a hall's player follows", async ({
  browser,
  baseURL,
}) => {
  const staff = (await seat(browser, xuzhou)).page;
  const station = (await seat(browser, mexico)).page;
  await signIn(staff, "linyue");
  await signIn(station, "mexico");
  const { room, token } = await arranged(staff, {
    title: "会场连线",
    guest: "Hall player",
    codec: "vp9",
    members: ["周宁远"],
  });
  for (const page of [staff, station]) await goLive(page, room);
  await seesAndHears(staff, ["周宁远"]);
  await seesAndHears(station, ["林悦"]);

  await test.step("a small tile needs the small layer only, and a large one the others again", async () => {
    await station.setViewportSize({ width: 320, height: 420 });
    await expect.poll(() => sentHeight(staff), { timeout: 30_000 }).toBeLessThanOrEqual(180);
    await station.setViewportSize({ width: 1280, height: 900 });
    await expect.poll(() => sentHeight(staff), { timeout: 30_000 }).toBeGreaterThanOrEqual(360);
    await seesAndHears(station, ["林悦"]);
  });

  const player = await browser.newPage();
  await test.step("a player in the hall receives by WHEP", async () => {
    await player.goto(`${baseURL}/healthz`);
    const answered = play(player, token);
    await staff
      .getByRole("button", { name: zh("Admit"), exact: true })
      .first()
      .click();
    expect(await answered).toBe(201);
    await moves(player.locator("video"), "the hall's picture");
  });

  const theirs = station.locator("video[data-source=screen]");
  await test.step("staff share text; the hall's player shows it", async () => {
    const before = await player.locator("video").evaluate((v: HTMLVideoElement) => v.videoWidth);
    await staff.getByRole("button", { name: zh("Share screen"), exact: true }).click();
    await moves(theirs.first(), "the shared screen at the station");
    await expect
      .poll(() => player.locator("video").evaluate((v: HTMLVideoElement) => v.videoWidth), {
        timeout: 30_000,
      })
      .not.toBe(before);
    await moves(player.locator("video"), "the shared screen in the hall");
  });

  await test.step("staff go over to film, and the station shares too", async () => {
    await staff.getByRole("button", { name: zh("Detail") }).click();
    await staff.getByRole("menuitem", { name: zh("Motion") }).click();
    await expect(staff.getByRole("button", { name: zh("Motion") })).toBeVisible();
    await moves(theirs.first(), "the film at the station");
    await station.getByRole("button", { name: zh("Share screen"), exact: true }).click();
    await moves(staff.locator("video[data-source=screen]").first(), "the station's screen at the staff");
    await moves(theirs.first(), "both screens at once");
  });

  await test.step("pictures come in the codec that was chosen for the meeting", async () => {
    const codecs = (await sends(staff)).filter((l) => l.active).map((l) => l.codec);
    expect(new Set(codecs)).toEqual(new Set(["video/VP9"]));
  });
});

/** Lets a page without any of our code play by WHEP; returns the status of its offer. */
function play(page: Page, token: string): Promise<number> {
  return page.evaluate(async (bearer) => {
    const connection = new RTCPeerConnection();
    const stream = new MediaStream();
    const video = document.createElement("video");
    video.muted = true;
    video.autoplay = true;
    video.srcObject = stream;
    document.body.append(video);
    connection.ontrack = ({ track }) => stream.addTrack(track);
    connection.addTransceiver("audio", { direction: "recvonly" });
    connection.addTransceiver("video", { direction: "recvonly" });
    await connection.setLocalDescription(await connection.createOffer());
    const headers = { Authorization: `Bearer ${bearer}`, "Content-Type": "application/sdp" };
    for (let tries = 0; ; tries++) {
      const body = connection.localDescription?.sdp ?? "";
      const response = await fetch("/whep", { method: "POST", headers, body });
      if (response.status === 503 && tries < 5) continue; // it waits to be let in
      const sdp = await response.text();
      if (response.ok) await connection.setRemoteDescription({ type: "answer", sdp });
      return response.status;
    }
  }, token);
}

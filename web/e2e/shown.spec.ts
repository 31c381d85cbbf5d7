import { type Browser, expect, type Page } from "@playwright/test";
import { badPath } from "./badpath";
import { arranged, goLive } from "./meetings";
import { mexico, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** Brings a station into a meeting. */
async function present(browser: Browser, station: string, room: string, camera: boolean): Promise<void> {
  const { page } = await seat(browser, mexico);
  await signIn(page, station);
  await goLive(page, room, false);
  if (!camera) await page.getByRole("button", { name: zh("Stop video") }).click();
}

/** Who speaks, as a page is told: the test says so, and the node is not heard. */
async function spokenFor(page: Page): Promise<(participant: string) => void> {
  let tell = (_: string): void => undefined;
  await page.routeWebSocket(/\/api\/socket$/, (socket) => {
    const node = socket.connectToServer();
    node.onMessage((message) => {
      if (JSON.parse(String(message)).type !== "speaking") socket.send(message);
    });
    tell = (participant) =>
      socket.send(JSON.stringify({ type: "speaking", body: { participants: [participant] } }));
  });
  return (participant) => tell(participant);
}

/** The participant of this name, whose tile is on screen. */
async function participant(page: Page, name: string): Promise<string> {
  const video = page.locator("[data-tile]", { hasText: name }).locator("video[data-source=camera]");
  return (await video.getAttribute("data-participant")) ?? "";
}

/** Who keep the stations of Sydney, Mexico City and Milan. */
const keepers = ["何思澜", "周宁远", "温书涵"];

declare global {
  interface Window {
    /** Milliseconds from when a tile appears to its first new picture, by participant. */
    shownAfter?: Promise<number>;
  }
}

/** Begins to wait for somebody's tile to appear, and for a picture in it that came afterwards. */
function awaitPicture(page: Page, participant: string): Promise<void> {
  return page.evaluate((id) => {
    const find = () =>
      document.querySelector<HTMLVideoElement>(`video[data-participant="${id}"][data-source=camera]`);
    if (find()) throw new Error("is on screen already");
    window.shownAfter = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        const video = find();
        if (!video) return;
        observer.disconnect();
        const appeared = performance.now();
        const look: VideoFrameRequestCallback = (now, { receiveTime = 0 }) => {
          // What the element had from before is no new picture.
          if (receiveTime > appeared) resolve(now - appeared);
          else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      });
      observer.observe(document.body, { childList: true, subtree: true });
    });
  }, participant);
}

test("who comes on screen is seen within half a second", async ({ browser }) => {
  const me = await seat(browser, { ...xuzhou, width: 320, height: 860 });
  const speaks = await spokenFor(me.page);
  const path = await badPath(me.page);
  await signIn(me.page, "linyue");
  const { room } = await arranged(me.page, { title: "谁在画面上", guest: "Anna Berg", members: keepers });
  // The strip has one place, which the first keeps: of the other two one is hidden.
  await present(browser, "sydney", room, false);
  for (const station of ["mexico", "milan"]) await present(browser, station, room, true);
  await goLive(me.page, room, false);
  const names = keepers.slice(1);
  for (const name of names) {
    const video = me.page.locator("[data-tile]", { hasText: name }).locator("video");
    await expect.poll(() => video.evaluate((v: HTMLVideoElement) => v.videoWidth)).toBeGreaterThan(0);
  }
  const senders = await Promise.all(names.map((name) => participant(me.page, name)));
  await me.page.getByRole("button", { name: zh("Layout") }).click();
  await me.page.getByRole("menuitem", { name: zh("Speaker") }).click();
  await expect(me.page.locator("[data-mode=speaker]")).toBeVisible();
  path.set({ delay: 30 });
  let [hidden = "", shown = ""] = senders;
  speaks(shown);
  const times: number[] = [];
  // Soon after, the picture is still being sent to the node; later its sender has been told to stop.
  for (const pause of [1500, 5000]) {
    const some: number[] = [];
    for (let i = 0; i < 4; i++) {
      await me.page.waitForTimeout(pause);
      await awaitPicture(me.page, hidden);
      speaks(hidden);
      some.push(Math.round(await me.page.evaluate(() => window.shownAfter ?? -1)));
      [hidden, shown] = [shown, hidden];
    }
    console.log(`    first picture after ${some.join(", ")} ms, ${pause} ms after having been hidden`);
    times.push(...some);
  }
  expect(median(times), "milliseconds until the first picture").toBeLessThan(500);
});

function median(list: number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

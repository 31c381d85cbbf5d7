import { type BrowserContext, chromium, expect, type Page } from "@playwright/test";
import { goLive, stationRoom } from "./meetings";
import { berlin, mexico, received, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

const film = "The film that is shared";

/** A page with a moving picture and a tone, which others can share. */
async function openFilm(context: BrowserContext, address: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(address);
  await page.evaluate((title) => {
    document.title = title;
    const canvas = document.createElement("canvas");
    document.body.replaceChildren(canvas);
    const paint = canvas.getContext("2d");
    let turn = 0;
    setInterval(() => {
      if (!paint) return;
      turn = (turn + 7) % 360;
      paint.fillStyle = `hsl(${turn} 80% 50%)`;
      paint.fillRect(0, 0, canvas.width, canvas.height);
    }, 100);
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    tone.connect(sound.destination);
    tone.start();
  }, film);
}

/** Whether all shared screens that a page shows move, and how many they are. */
async function movingScreens(page: Page): Promise<number> {
  const shown = () =>
    page
      .locator("video[data-source=screen]")
      .evaluateAll((all) =>
        all.map((v) => (v as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames),
      );
  const before = await shown();
  await page.waitForTimeout(2000); // a picture of a still screen may come once a second
  const after = await shown();
  return after.filter((frames, i) => frames > (before[i] ?? 0)).length;
}

test("two people share at once, one of them with sound, and a third sees and hears both", async ({
  launchOptions,
  baseURL,
}) => {
  const args = (launchOptions.args ?? []).filter((a) => !a.startsWith("--auto-select-desktop"));
  const browser = await chromium.launch({
    ...launchOptions,
    args: [...args, `--auto-select-tab-capture-source-by-title=${film}`],
  });
  try {
    const open = browser.newContext.bind(browser);
    browser.newContext = (options) => open({ ...options, baseURL: baseURL ?? "" });
    const staff = await seat(browser, xuzhou);
    const station = await seat(browser, mexico);
    const third = await seat(browser, berlin);
    const people = [
      [staff, "linyue"],
      [station, "mexico"],
      [third, "chenhao"],
    ] as const;
    for (const [{ page }, name] of people) await signIn(page, name, xuzhou);
    const room = await stationRoom(staff.page);
    // Nobody speaks: what is heard is the film.
    for (const [{ page }] of people) await goLive(page, room, false);
    await openFilm(staff.context, `${baseURL}/healthz`);
    await staff.page.bringToFront();
    const silence = (await received(third.page)).energy;
    await staff.page.getByRole("button", { name: zh("Share screen"), exact: true }).click();
    await expect.poll(() => movingScreens(third.page), { timeout: 40_000 }).toBe(1);
    await expect
      .poll(async () => (await received(third.page)).energy - silence, {
        message: "the film is heard",
        timeout: 30_000,
      })
      .toBeGreaterThan(0.1);
    await station.page.bringToFront();
    await station.page.getByRole("button", { name: zh("Share screen"), exact: true }).click();
    await third.page.bringToFront();
    await expect
      .poll(() => movingScreens(third.page), { message: "both screens move", timeout: 40_000 })
      .toBe(2);
  } finally {
    await browser.close();
  }
});

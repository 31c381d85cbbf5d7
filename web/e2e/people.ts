import {
  type Browser,
  type BrowserContext,
  test as base,
  expect,
  type Page,
  type WebSocketRoute,
} from "@playwright/test";

export const demoPassword = "yunqiao-demo";

/** Everybody who sits somewhere in the test that runs. */
const seated = new Set<BrowserContext>();

/** A test after which everybody gets up: who stayed in a meeting would be busy in the next. */
export const test = base.extend<{ everybodyGetsUp: undefined }>({
  everybodyGetsUp: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs
    async ({}, use) => {
      await use(undefined);
      for (const context of seated) await context.close();
      seated.clear();
    },
    { auto: true },
  ],
});

/** Where somebody sits: language and clock of their browser. */
export interface Place {
  locale: "zh-CN" | "en-GB";
  timezoneId: string;
  width?: number;
  height?: number;
}

export const xuzhou: Place = { locale: "zh-CN", timezoneId: "Asia/Shanghai" };
export const mexico: Place = { locale: "zh-CN", timezoneId: "America/Mexico_City", width: 1024, height: 768 };
export const berlin: Place = { locale: "en-GB", timezoneId: "Europe/Berlin", width: 1280, height: 800 };

/** Opens a browser of one person, with camera and microphone. Errors of the page fail the test. */
export async function seat(browser: Browser, place: Place): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({
    locale: place.locale,
    timezoneId: place.timezoneId,
    viewport: { width: place.width ?? 1440, height: place.height ?? 900 },
    permissions: ["camera", "microphone", "clipboard-read", "clipboard-write"],
    acceptDownloads: true,
  });
  seated.add(context);
  await context.addInitScript(hearAll);
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  return { page, context };
}

/**
 * The invented microphones of one browser all sound the same at the same time:
 * an echo canceller takes what others say for its own echo, and removes it.
 */
function hearAll(): void {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const capture = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (asked) => {
    const audio = typeof asked?.audio === "object" ? asked.audio : undefined;
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    return capture(audio ? { ...asked, audio: { ...audio, ...plain } } : asked);
  };
}

/** A socket whose network can be cut: it closes, and none comes about until the network is mended. */
export interface Network {
  cut: () => Promise<void>;
  mend: () => void;
}

/** Puts a network that can be cut between a page's socket and the hub; before the page opens it. */
export async function network(page: Page): Promise<Network> {
  let down = false;
  const open = new Set<WebSocketRoute>();
  await page.routeWebSocket(/\/api\/socket$/, (socket) => {
    if (down) return void socket.close();
    socket.connectToServer();
    open.add(socket);
  });
  return {
    cut: async () => {
      down = true;
      await Promise.all([...open].map((socket) => socket.close()));
      open.clear();
    },
    mend: () => {
      down = false;
    },
  };
}

/**
 * Signs an account of the demonstration in through the page. At a place it reads
 * that place's language and clock, whatever a test before has chosen for it.
 */
export async function signIn(page: Page, userName: string, place?: Place): Promise<void> {
  await page.goto("/signin");
  await page.locator("input").nth(0).fill(userName);
  await page.locator("input").nth(1).fill(demoPassword);
  await page.locator("form button[type=submit]").click();
  await expect(page.getByRole("navigation").first()).toBeVisible();
  if (!place) return;
  const changed = await page.request.patch("/api/account", {
    headers: { origin: new URL(page.url()).origin },
    data: { language: place.locale === "zh-CN" ? "zh-CN" : "en", time_zone: place.timezoneId },
  });
  expect(changed.ok(), await changed.text()).toBe(true);
  await page.reload();
}

/** What a person's connection receives, summed over its seats. */
export interface Received {
  frames: number;
  energy: number;
  cipher: string;
}

/** Reads the statistics of the meeting's connection; the page was opened with ?debug. */
export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const connection = window.__yunqiao?.peerConnection();
    const sum = { frames: 0, energy: 0, cipher: "" };
    if (!connection) return sum;
    for (const report of (await connection.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") sum.frames += report.framesDecoded ?? 0;
      if (report.type === "inbound-rtp" && report.kind === "audio")
        sum.energy += report.totalAudioEnergy ?? 0;
      if (report.type === "transport") sum.cipher = report.srtpCipher ?? "";
    }
    return sum;
  });
}

/** Waits until pictures and sound of so many others go on arriving. */
export async function seesAndHears(page: Page, others: string[]): Promise<void> {
  for (const name of others) {
    const video = page.locator(`[data-tile]`, { hasText: name }).locator("video").first();
    await expect
      .poll(() => video.evaluate((v: HTMLVideoElement) => v.videoWidth), { timeout: 30_000 })
      .toBeGreaterThan(0);
    const before = await framesShown(video);
    await expect
      .poll(() => framesShown(video), { message: `${name}'s picture moves`, timeout: 30_000 })
      .toBeGreaterThan(before + 5);
  }
  const before = await received(page);
  await expect
    .poll(async () => (await received(page)).energy, { message: "sound arrives", timeout: 30_000 })
    .toBeGreaterThan(before.energy);
}

function framesShown(video: ReturnType<Page["locator"]>): Promise<number> {
  return video.evaluate((v: HTMLVideoElement) => v.getVideoPlaybackQuality().totalVideoFrames);
}

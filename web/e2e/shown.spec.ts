import { type Browser, expect, type Page } from "@playwright/test";
import { badPath } from "./badpath";
import { arranged, goLive } from "./meetings";
import { mexico, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** Brings a station into a meeting; its camera may be one that sees a colour only. */
async function present(
  browser: Browser,
  station: string,
  room: string,
  camera: boolean,
  colour?: Colour,
): Promise<void> {
  const { page } = await seat(browser, mexico);
  if (colour) await page.addInitScript(seeing, colour);
  await signIn(page, station);
  await goLive(page, room, false);
  if (!camera) await page.getByRole("button", { name: zh("Stop video") }).click();
}

/** The first of red, green and blue, or the last. */
type Colour = "red" | "blue";

/** What a page runs before its own script: its camera sees squares in shades of one colour. */
function seeing(colour: Colour): void {
  const devices = navigator.mediaDevices;
  const capture = devices?.getUserMedia.bind(devices);
  if (!capture) return;
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const draw = () => {
    const context = canvas.getContext("2d");
    for (let i = 0; context && i < 20; i++) {
      const shade = Math.floor(120 + 130 * Math.random());
      context.fillStyle = colour === "red" ? `rgb(${shade} 0 0)` : `rgb(0 0 ${shade})`;
      context.fillRect(1280 * Math.random() - 80, 720 * Math.random() - 80, 160, 160);
    }
  };
  setInterval(draw, 40);
  devices.getUserMedia = async (asked) => (asked?.video ? canvas.captureStream(25) : capture(asked));
}

/** What a page runs before its own script: its connection has one seat, and the others lead nowhere. */
function oneSeat(): void {
  const add = RTCPeerConnection.prototype.addTransceiver;
  const nowhere = new RTCPeerConnection();
  RTCPeerConnection.prototype.addTransceiver = function (this: RTCPeerConnection, kind, init) {
    const has = (t: RTCRtpTransceiver) => t.direction === "recvonly" && t.receiver.track.kind === kind;
    const further = init?.direction === "recvonly" && this.getTransceivers().some(has);
    return add.call(further ? nowhere : this, kind, init);
  };
}

/** What a page says, without the seats of its offers that lead nowhere. */
function withRealSeats(message: string): string {
  const frame: { body?: { offer?: { seats: { video: string }[] } } } = JSON.parse(message);
  const offer = frame.body?.offer;
  if (offer) offer.seats = offer.seats.filter((s) => s.video !== "");
  return JSON.stringify(frame);
}

/** Who speaks, as a page is told: the test says so, and the node is not heard. */
async function spokenFor(page: Page): Promise<(participant: string) => void> {
  let tell = (_: string): void => undefined;
  await page.routeWebSocket(/\/api\/socket$/, (socket) => {
    const node = socket.connectToServer();
    socket.onMessage((message) => node.send(withRealSeats(String(message))));
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
    /** Milliseconds until a picture of a colour was in a tile. */
    colouredAfter?: Promise<number>;
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
  const next = async () => {
    await awaitPicture(me.page, hidden);
    speaks(hidden);
    [hidden, shown] = [shown, hidden];
    return Math.round(await me.page.evaluate(() => window.shownAfter ?? -1));
  };
  // Soon after, the picture is still being sent to the node; later its sender has been told to stop.
  const times = [...(await timed(me.page, 4, 1500, next)), ...(await timed(me.page, 2, 5000, next))];
  expect(median(times), "milliseconds until the first picture").toBeLessThan(500);
});

/** Begins to wait for a picture of a colour in somebody's tile. */
function awaitColour(page: Page, participant: string, colour: Colour): Promise<void> {
  return page.evaluate(
    ([id, wanted]) => {
      const video = document.querySelector<HTMLVideoElement>(
        `video[data-participant="${id}"][data-source=camera]`,
      );
      const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      if (!video || !canvas) throw new Error("nobody to be seen");
      const begun = performance.now();
      window.colouredAfter = new Promise((resolve) => {
        const look: VideoFrameRequestCallback = (now) => {
          canvas.drawImage(video, 0, 0, 1, 1);
          const [red = 0, , blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
          if (wanted === "red" ? red > blue + 50 : blue > red + 50) resolve(now - begun);
          else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      });
    },
    [participant, colour] as const,
  );
}

test("who takes another's seat is seen within half a second", async ({ browser }) => {
  const me = await seat(browser, xuzhou);
  await me.page.addInitScript(oneSeat);
  const speaks = await spokenFor(me.page);
  const path = await badPath(me.page);
  await signIn(me.page, "linyue");
  const { room } = await arranged(me.page, { title: "一个座位", guest: "Anna Berg", members: keepers });
  await present(browser, "mexico", room, true, "red");
  await present(browser, "milan", room, true, "blue");
  await goLive(me.page, room, false);
  const both = await Promise.all(keepers.slice(1).map((name) => participant(me.page, name)));
  await me.page.getByRole("button", { name: zh("Layout") }).click();
  await me.page.getByRole("menuitem", { name: zh("Speaker") }).click();
  path.set({ delay: 30 });
  const colours: Colour[] = ["red", "blue"];
  let turn = 0;
  const next = async () => {
    const [id = "", colour = "red"] = [both[turn % 2], colours[turn % 2]];
    turn++;
    await awaitColour(me.page, id, colour);
    speaks(id);
    return Math.round(await me.page.evaluate(() => window.colouredAfter ?? -1));
  };
  await next(); // that one may sit there already
  const times = [...(await timed(me.page, 5, 1500, next)), ...(await timed(me.page, 2, 4000, next))];
  expect(await videosReceived(me.page), "seats in use").toBe(1);
  expect(median(times), "milliseconds until the first picture").toBeLessThan(500);
});

/** Makes so many changes, each a pause after the one before; returns the milliseconds each took. */
async function timed(page: Page, changes: number, pause: number, change: () => Promise<number>) {
  const times: number[] = [];
  for (let i = 0; i < changes; i++) {
    await page.waitForTimeout(pause);
    times.push(await change());
  }
  console.log(`    first picture after ${times.join(", ")} ms, changed every ${pause} ms`);
  return times;
}

/** How many pictures a page has ever received at a time: streams are as many as seats. */
function videosReceived(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const stats = await window.__yunqiao?.peerConnection()?.getStats();
    return [...(stats?.values() ?? [])].filter((s) => s.type === "inbound-rtp" && s.kind === "video").length;
  });
}

function median(list: number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

import { type Browser, expect, type Page } from "@playwright/test";
import { badPath } from "./badpath";
import { arranged, goLive } from "./meetings";
import { mexico, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** Brings a station into a meeting, without a camera or with one that sees a colour; returns its page. */
async function present(browser: Browser, station: string, room: string, colour?: Colour): Promise<Page> {
  const { page } = await seat(browser, mexico);
  if (colour) await page.addInitScript(seeing, colour);
  await signIn(page, station);
  await goLive(page, room, false);
  if (!colour) await page.getByRole("button", { name: zh("Stop video") }).click();
  return page;
}

/** One of the three that a picture is made of. */
type Colour = "red" | "green" | "blue";

/** What a page runs before its own script: its camera sees squares in shades of a colour, which can be changed. */
function seeing(first: Colour): void {
  const devices = navigator.mediaDevices;
  const capture = devices?.getUserMedia.bind(devices);
  if (!capture) return;
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const context = canvas.getContext("2d");
  let colour = first;
  const paint = (shade: number, x: number, y: number, width: number, height: number) => {
    if (!context) return;
    context.fillStyle = { red: `rgb(${shade} 0 0)`, green: `rgb(0 ${shade} 0)`, blue: `rgb(0 0 ${shade})` }[
      colour
    ];
    context.fillRect(x, y, width, height);
  };
  setInterval(() => {
    for (let i = 0; i < 20; i++)
      paint(120 + 130 * Math.random(), 1280 * Math.random() - 80, 720 * Math.random() - 80, 160, 160);
  }, 40);
  window.paintCamera = (next) => {
    colour = next;
    paint(180, 0, 0, 1280, 720);
    return performance.timeOrigin + performance.now();
  };
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
    /** Has the camera see another colour; returns when, in milliseconds of the machine's clock. */
    paintCamera?: (colour: Colour) => number;
    /** Milliseconds from when a tile appears to its first new picture. */
    shownAfter?: Promise<number>;
    /** When a picture of a colour was in a tile, on the machine's clock. */
    coloured?: Promise<number>;
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

/** Begins to wait for a picture of a colour in somebody's tile; returns when it began. */
function awaitColour(page: Page, participant: string, colour: Colour): Promise<number> {
  return page.evaluate(
    ([id, wanted]) => {
      const video = document.querySelector<HTMLVideoElement>(
        `video[data-participant="${id}"][data-source=camera]`,
      );
      const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      if (!video || !canvas) throw new Error("nobody to be seen");
      window.coloured = new Promise((resolve) => {
        const look: VideoFrameRequestCallback = (now) => {
          canvas.drawImage(video, 0, 0, 1, 1);
          const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
          const seen = { red, green, blue };
          const others = red + green + blue - seen[wanted];
          if (seen[wanted] > others + 50) resolve(performance.timeOrigin + now);
          else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      });
      return performance.timeOrigin + performance.now();
    },
    [participant, colour] as const,
  );
}

const coloured = (page: Page): Promise<number> => page.evaluate(() => window.coloured ?? Number.NaN);

/** Somebody with a camera in the meeting: their page, their participant, and what they look like. */
interface Presenter {
  page: Page;
  id: string;
  colour: Colour;
}

/**
 * How long a picture takes from the camera of somebody who is shown to the screen, in
 * milliseconds: encoding, the path, the hub, decoding, as fast as this machine is now.
 */
async function onTheWay(viewer: Page, { page, id, colour }: Presenter): Promise<number> {
  const seen = async (next: Colour) => {
    await awaitColour(viewer, id, next);
    const painted = await page.evaluate((to) => window.paintCamera?.(to) ?? Number.NaN, next);
    return (await coloured(viewer)) - painted;
  };
  const took = await seen("green");
  await seen(colour);
  return Math.round(took);
}

/**
 * How often a picture's way fits into the time until somebody else is seen: the hub asks for a
 * key frame, which goes the way, and whose sender paused is told before that.
 */
const ways = 4;

test("who comes on screen is seen as soon as a picture can come", async ({ browser }) => {
  const me = await seat(browser, { ...xuzhou, width: 320, height: 860 });
  const speaks = await spokenFor(me.page);
  const path = await badPath(me.page);
  await signIn(me.page, "linyue");
  const { room } = await arranged(me.page, { title: "谁在画面上", guest: "Anna Berg", members: keepers });
  // The strip has one place, which the first keeps: of the other two one is hidden.
  await present(browser, "sydney", room);
  const presenters = await inColours(browser, me.page, room);
  for (const { id } of presenters) {
    const video = me.page.locator(`video[data-participant="${id}"][data-source=camera]`);
    await expect.poll(() => video.evaluate((v: HTMLVideoElement) => v.videoWidth)).toBeGreaterThan(0);
  }
  await me.page.getByRole("button", { name: zh("Layout") }).click();
  await me.page.getByRole("menuitem", { name: zh("Speaker") }).click();
  await expect(me.page.locator("[data-mode=speaker]")).toBeVisible();
  path.set({ delay: 30 });
  let [hidden, shown] = presenters;
  speaks(shown.id);
  const next = async () => {
    const way = await onTheWay(me.page, shown);
    await awaitPicture(me.page, hidden.id);
    speaks(hidden.id);
    [hidden, shown] = [shown, hidden];
    return { way, took: Math.round(await me.page.evaluate(() => window.shownAfter ?? Number.NaN)) };
  };
  // Soon after, the picture is still being sent to the node; later its sender has been told to stop.
  const changes = [...(await timed(me.page, 4, 1500, next)), ...(await timed(me.page, 2, 5000, next))];
  expect(inWays(changes), "ways until the first picture").toBeLessThan(ways);
});

test("who takes another's seat is seen as soon as a picture can come", async ({ browser }) => {
  const me = await seat(browser, xuzhou);
  await me.page.addInitScript(oneSeat);
  const speaks = await spokenFor(me.page);
  const path = await badPath(me.page);
  await signIn(me.page, "linyue");
  const { room } = await arranged(me.page, { title: "一个座位", guest: "Anna Berg", members: keepers });
  const presenters = await inColours(browser, me.page, room);
  await me.page.getByRole("button", { name: zh("Layout") }).click();
  await me.page.getByRole("menuitem", { name: zh("Speaker") }).click();
  path.set({ delay: 30 });
  let [next, seated] = presenters;
  const change = async () => {
    const begun = await awaitColour(me.page, next.id, next.colour);
    speaks(next.id);
    const took = Math.round((await coloured(me.page)) - begun);
    [next, seated] = [seated, next];
    return { took, way: await onTheWay(me.page, seated) };
  };
  await change(); // that one may sit there already
  const changes = [...(await timed(me.page, 5, 1500, change)), ...(await timed(me.page, 2, 4000, change))];
  expect(await videosReceived(me.page), "seats in use").toBe(1);
  expect(inWays(changes), "ways until the first picture").toBeLessThan(ways);
});

/** Brings two stations with a colour each, and then the viewer, into a meeting. */
async function inColours(browser: Browser, viewer: Page, room: string): Promise<[Presenter, Presenter]> {
  const mexicoCity = await present(browser, "mexico", room, "red");
  const milan = await present(browser, "milan", room, "blue");
  await goLive(viewer, room, false);
  const [, second = "", third = ""] = keepers;
  return [
    { page: mexicoCity, id: await participant(viewer, second), colour: "red" },
    { page: milan, id: await participant(viewer, third), colour: "blue" },
  ];
}

/** A change of who is shown: how long it took, and how long a picture was on its way, in milliseconds. */
interface Change {
  took: number;
  way: number;
}

/** Makes so many changes, each a pause after the one before. */
async function timed(
  page: Page,
  count: number,
  pause: number,
  change: () => Promise<Change>,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (let i = 0; i < count; i++) {
    await page.waitForTimeout(pause);
    changes.push(await change());
  }
  const told = changes.map(({ took, way }) => `${took} (${way})`).join(", ");
  console.log(`    first picture after (its way) ${told} ms, changed every ${pause} ms`);
  return changes;
}

/** The changes' median time in the ways of a picture. */
function inWays(changes: readonly Change[]): number {
  return median(changes.map((c) => c.took)) / median(changes.map((c) => c.way));
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

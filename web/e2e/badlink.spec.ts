import { type Browser, expect, type Page } from "@playwright/test";
import { arranged, goLive, stationRoom } from "./meetings";
import { berlin, mexico, network, received, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

const day = 24 * 3600 * 1000;

/** The browser gives neither camera nor microphone. */
async function refuseDevices(page: Page): Promise<void> {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
  });
}

async function waiting(browser: Browser, link: string): Promise<Page> {
  const { page } = await seat(browser, berlin);
  await refuseDevices(page);
  await page.goto(link);
  await expect(page.getByText(/may not use microphone and camera/)).toBeVisible();
  for (const device of ["Microphone", "Camera"])
    await expect(page.getByRole("button", { name: device, exact: true })).toHaveAttribute(
      "aria-pressed",
      "false",
    );
  await page.getByRole("button", { name: "Ask to join" }).click();
  await expect(page.getByText("The meeting has not begun")).toBeVisible();
  return page;
}

test("a guest without devices waits, and hears that the meeting is cancelled", async ({ browser }) => {
  const { page } = await seat(browser, xuzhou);
  await signIn(page, "linyue");
  const { id, link } = await arranged(page, { title: "试网络", guest: "Anna Berg", starts: day });
  const guest = await waiting(browser, link);
  const headers = { origin: new URL(page.url()).origin };
  const cancelled = await page.request.post(`/api/meetings/${id}/cancel`, { headers, data: { reason: "" } });
  expect(cancelled.ok(), await cancelled.text()).toBe(true);
  // Whoever comes back to the tab reads the invitation again.
  await guest.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(guest.getByRole("heading", { name: "This meeting has been cancelled" })).toBeVisible();
});

test("without the hub nothing written is lost, and every page says what is the matter", async ({
  browser,
}) => {
  const { page } = await seat(browser, xuzhou);
  const net = await network(page);
  const contacts = /\/assets\/ContactsPage-[^/]*\.js$/;
  await page.route(contacts, (route) => route.abort());
  await signIn(page, "linyue");
  await page.getByRole("link", { name: zh("Chats") }).click();
  await page.getByRole("link", { name: /招才引智大使群/ }).click();
  const box = page.getByRole("textbox", { name: zh("Message") });
  await expect(box).toBeEnabled();
  await net.cut();
  const text = `断网时写的 ${Date.now()}`;
  await box.fill(text);
  await box.press("Enter");
  const sent = page.getByRole("log").getByText(text, { exact: true });
  await expect(sent).toHaveCount(1);
  await page.getByRole("link", { name: zh("Contacts") }).click();
  await expect(
    page.getByText(zh("This page could not be loaded. Please check your connection.")),
  ).toBeVisible();
  await page.goBack();
  await expect(sent).toHaveCount(1);
  net.mend();
  await expect(page.getByText(zh("Sending…"))).toHaveCount(0);
  const unread = async () => {
    const rooms: { title: string; unread: number }[] = await (await page.request.get("/api/rooms")).json();
    return rooms.find((room) => /招才引智大使群/.test(room.title))?.unread;
  };
  await expect.poll(unread).toBe(0); // who writes has read: the list opens at its end
  await page.reload();
  await expect(sent).toHaveCount(1);

  // What one types after choosing Edit changes the message.
  await sent.hover();
  await page
    .getByRole("log")
    .getByRole("button", { name: zh("More") })
    .last()
    .click();
  await page.getByRole("menuitem", { name: zh("Edit"), exact: true }).click();
  await expect(page.getByRole("textbox", { name: zh("Change the message") })).toBeFocused();
  await page.keyboard.type("，改过");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("log").getByText(`${text}，改过`)).toHaveCount(1);
});

test("a hub that knows nobody any more takes everybody back, with the shared screen", async ({ browser }) => {
  const staff = await seat(browser, xuzhou);
  const station = await seat(browser, mexico);
  let forget = false;
  const sockets = new Set<() => void>();
  await station.page.routeWebSocket(/\/api\/socket$/, (socket) => {
    const server = socket.connectToServer();
    sockets.add(() => void socket.close());
    socket.onMessage((message) => {
      const frame = JSON.parse(String(message));
      if (forget && frame.type === "hello") delete frame.body.resume;
      server.send(JSON.stringify(frame));
    });
  });
  await signIn(staff.page, "linyue");
  await signIn(station.page, "mexico");
  const room = await stationRoom(staff.page);
  for (const { page } of [staff, station]) await goLive(page, room, false);
  await station.page.getByRole("button", { name: zh("Members") }).click();
  await station.page.getByRole("button", { name: zh("Share screen") }).click();
  const screen = staff.page.locator("video[data-source=screen]");
  await moves(screen);
  forget = true;
  for (const cut of sockets) cut();
  await expect(
    station.page.getByText(zh("The connection was lost. Reconnecting… your place is kept.")),
  ).toBeVisible();
  await expect(station.page.locator("[data-phase=in]")).toBeVisible();
  await expect(station.page.getByRole("complementary", { name: zh("Members") })).toBeVisible();
  await moves(screen);
  const before = (await received(station.page)).frames;
  await expect.poll(async () => (await received(station.page)).frames).toBeGreaterThan(before + 5);
});

/** Waits until a picture goes on changing. */
async function moves(video: ReturnType<Page["locator"]>): Promise<void> {
  const frames = () =>
    video.first().evaluate((v: HTMLVideoElement) => v.getVideoPlaybackQuality().totalVideoFrames);
  await expect.poll(frames).toBeGreaterThan(0);
  const before = await frames();
  await expect.poll(frames).toBeGreaterThan(before + 3);
}

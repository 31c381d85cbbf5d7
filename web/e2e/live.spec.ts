import { expect } from "@playwright/test";
import { arranged, goLive, together } from "./meetings";
import { berlin, received, seat, seesAndHears, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

test("a station's room: call, see, hear, write, come back after a lost network", async ({ browser }) => {
  const { staff, station } = await together(browser, async () => undefined);
  expect((await received(staff.page)).cipher).toBe("SRTP_AEAD_AES_128_GCM");

  await staff.page.getByRole("button", { name: "聊天" }).click();
  await staff.page.getByRole("textbox").fill("能听清楚吗？");
  await staff.page.keyboard.press("Enter");
  await station.page.getByRole("button", { name: "聊天" }).click();
  await expect(station.page.getByText("能听清楚吗？", { exact: true })).toBeVisible();

  await station.context.setOffline(true);
  await expect(staff.page.getByText("周宁远").first()).toBeVisible();
  await station.context.setOffline(false);
  await seesAndHears(station.page, ["林悦"]);
});

test("who comes, goes and raises a hand is seen, in both languages, until one wants quiet", async ({
  browser,
}) => {
  const staff = await seat(browser, xuzhou);
  const abroad = await seat(browser, berlin);
  await signIn(staff.page, "linyue", xuzhou);
  await signIn(abroad.page, "dashi01", berlin);
  const me: { name: string } = await (await abroad.page.request.get("/api/session")).json();
  const { room } = await arranged(staff.page, { title: "来来往往", guest: "Anna Berg", members: [me.name] });
  await goLive(staff.page, room, false);
  const comesIn = async () => {
    await abroad.page.goto(`/live/${room}`);
    await abroad.page.getByRole("button", { name: "Join", exact: true }).click();
    await expect(abroad.page.locator("[data-phase=in]")).toBeVisible();
  };
  const leaves = () => abroad.page.getByRole("button", { name: "Leave", exact: true }).click();
  const note = (text: string) => staff.page.getByText(zh(text, me.name), { exact: true });
  await comesIn();
  await expect(note("{name} has joined")).toBeVisible();

  await test.step("a hand is told to who keeps order, and stays to be seen by everybody", async () => {
    await abroad.page.getByRole("button", { name: "Raise hand" }).click();
    await expect(note("{name} has raised a hand")).toBeVisible();
    await staff.page.getByRole("button", { name: zh("Show"), exact: true }).click();
    await expect(staff.page.getByRole("complementary", { name: zh("Members") })).toBeVisible();
    await expect(staff.page.getByRole("button", { name: zh("Raised hands: {names}", me.name) })).toHaveText(
      "1",
    );
    await staff.page.keyboard.press("Alt+Y");
    await expect(abroad.page.getByRole("button", { name: `Raised hands: ${me.name} and 林悦` })).toHaveText(
      "2",
    );
  });
  await leaves();
  await expect(note("{name} has left")).toBeVisible();
  await expect(note("{name} has left")).toBeHidden();

  await staff.page.getByText(zh("Tell me who joins and leaves")).click();
  await comesIn();
  await expect(staff.page.locator("[data-tile]", { hasText: me.name })).toBeVisible();
  await expect(note("{name} has joined")).toBeHidden();
});

for (const { place, who, words } of [
  { place: xuzhou, who: "linyue", words: zh },
  { place: berlin, who: "dashi01", words: (english: string) => english },
])
  test(`Back asks before it leaves a meeting, ${place.locale}`, async ({ browser }) => {
    const { page } = await seat(browser, place);
    await signIn(page, who, place);
    const rooms: { id: string; kind: string }[] = await (await page.request.get("/api/rooms")).json();
    await page.goto(`/rooms/${rooms.find((r) => r.kind === "group")?.id}`);
    await page.getByRole("button", { name: words("Video meeting") }).click();
    await page
      .getByRole("button", { name: new RegExp(`^(${words("Start the meeting")}|${words("Join")})$`) })
      .click();
    const inside = page.locator("[data-phase=in]");
    await expect(inside).toBeVisible();
    const asked = page.getByRole("dialog", { name: words("Leave the meeting?") });

    await page.goBack();
    await asked.getByRole("button", { name: words("Cancel"), exact: true }).click();
    await expect(asked).toBeHidden();
    await expect(inside).toBeVisible();

    await page.goBack();
    await asked.getByRole("button", { name: words("Leave meeting"), exact: true }).click();
    await expect(inside).toBeHidden();
    await expect(page).toHaveURL(/\/rooms\//);
  });

test("a camera that is pulled out is not shown as on, to oneself and to the others", async ({ browser }) => {
  const { staff, station } = await together(browser, async () => undefined);
  await station.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("none", "NotFoundError"));
    const own = document.querySelector<HTMLVideoElement>(
      "video[data-participant][data-source=camera].-scale-x-100",
    );
    const stream = own?.srcObject;
    if (!(stream instanceof MediaStream)) throw new Error("no mirror");
    for (const track of stream.getVideoTracks()) track.dispatchEvent(new Event("ended"));
  });
  await expect(
    station.page.getByText(zh("No camera was found: nobody sees you. Connect one, then start your video.")),
  ).toBeVisible();
  await expect(station.page.getByRole("button", { name: zh("Start video"), exact: true })).toBeVisible();
  const theirs = staff.page.locator("[data-tile]", { hasText: "周宁远" });
  await expect(theirs.locator("video")).toBeHidden();
});

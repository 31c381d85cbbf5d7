import { expect, test } from "@playwright/test";
import { mexico, received, seat, seesAndHears, signIn, xuzhou } from "./people";

test("a station's room: call, see, hear, write, come back after a lost network", async ({ browser }) => {
  const staff = await seat(browser, xuzhou);
  const station = await seat(browser, mexico);
  await signIn(staff.page, "linyue");
  await signIn(station.page, "mexico");
  const rooms: { id: string; kind: string; title: string }[] = await (
    await staff.context.request.get("/api/rooms")
  ).json();
  const room = rooms.find((r) => r.kind === "station" && r.title.includes("墨西哥"));
  expect(room).toBeDefined();

  for (const { page } of [staff, station]) {
    await page.goto(`/live/${room?.id}?debug`);
    await page.getByRole("button", { name: "麦克风" }).first().click();
    await page.getByRole("button", { name: /^(开始会议|加入)$/ }).click();
    await expect(page.locator("[data-phase=in]")).toBeVisible();
  }
  await seesAndHears(staff.page, ["周宁远"]);
  await seesAndHears(station.page, ["林悦"]);
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

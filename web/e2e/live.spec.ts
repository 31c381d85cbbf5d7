import { expect } from "@playwright/test";
import { together } from "./meetings";
import { received, seesAndHears, test } from "./people";

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

import { expect, type Page } from "@playwright/test";
import { berlin, received, seat, seesAndHears, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** A zone on whose walls it is about this hour now; their names count the other way round. */
function zoneWhereItIs(hour: number): string {
  const ahead = (hour - new Date().getUTCHours() + 24) % 24;
  const offset = ahead > 12 ? ahead - 24 : ahead;
  return offset === 0 ? "Etc/GMT" : `Etc/GMT${offset > 0 ? "-" : "+"}${Math.abs(offset)}`;
}

/** Sets the clock and the language of who is signed in. */
async function settle(
  page: Page,
  hour: number,
  language: "zh-CN" | "en",
): Promise<{ id: string; name: string }> {
  const headers = { origin: new URL(page.url()).origin };
  const changed = await page.request.patch("/api/account", {
    headers,
    data: { time_zone: zoneWhereItIs(hour), language },
  });
  expect(changed.ok(), await changed.text()).toBe(true);
  const me: { id: string; name: string } = await (await page.request.get("/api/session")).json();
  await page.reload();
  return me;
}

/** The room of two, opened by one of them. */
async function roomWith(page: Page, account: string): Promise<string> {
  const headers = { origin: new URL(page.url()).origin };
  const opened = await page.request.post("/api/rooms/direct", { headers, data: { account } });
  const { id }: { id: string } = await opened.json();
  return id;
}

const card = (page: Page, kind: "incoming" | "outgoing" | "guard" | "entry") =>
  page.locator(`[data-call=${kind}]`);

test("ringing: accept and meet, decline with a message, miss and call back, and the night", async ({
  browser,
}) => {
  const staff = await seat(browser, xuzhou);
  const abroad = await seat(browser, berlin);
  await signIn(staff.page, "linyue");
  await signIn(abroad.page, "dashi01");
  await settle(staff.page, 12, "zh-CN");
  const envoy = await settle(abroad.page, 12, "en");
  const room = await roomWith(staff.page, envoy.id);

  await test.step("a call is accepted: both see and hear", async () => {
    await abroad.page.goto("/meetings?debug");
    await staff.page.goto(`/rooms/${room}?debug`);
    await rings(staff.page);
    await expect(card(staff.page, "outgoing")).toContainText(envoy.name);
    const ringing = abroad.page.getByRole("alertdialog", { name: "林悦 is calling" });
    await expect(ringing).toBeVisible();
    await expect(ringing.getByRole("button", { name: "Accept" })).toBeFocused();
    await ringing.getByRole("button", { name: "With camera" }).click();
    for (const { page } of [staff, abroad]) await expect(page.locator("[data-phase=in]")).toBeVisible();
    await seesAndHears(staff.page, [envoy.name]);
    await seesAndHears(abroad.page, ["林悦"]);
    expect((await received(staff.page)).frames).toBeGreaterThan(0);
    await leaves(abroad.page, "Leave", "Leave meeting", "To the chat");
    await expect(staff.page.getByRole("heading", { name: zh("The call has ended") })).toBeVisible();
    await staff.page.getByRole("button", { name: zh("To the chat") }).click();
  });

  await test.step("another is declined with a message", async () => {
    await staff.page.goto(`/rooms/${room}`);
    await expect(card(staff.page, "entry").last()).toContainText(zh("Call"));
    await rings(staff.page);
    await abroad.page.getByRole("button", { name: "Decline with a message" }).click();
    await abroad.page.getByRole("button", { name: "I cannot talk now. I will call you back." }).click();
    await expect(card(staff.page, "outgoing")).toContainText(zh("Call declined"));
    await expect(staff.page.getByText("I cannot talk now. I will call you back.").first()).toBeVisible();
    await expect(card(abroad.page, "incoming")).toBeHidden();
    await card(staff.page, "outgoing")
      .getByRole("button", { name: zh("Close") })
      .click();
  });

  await test.step("a missed one is a notice and an entry, from which one calls back", async () => {
    await rings(staff.page);
    await expect(card(abroad.page, "incoming")).toBeVisible();
    await card(staff.page, "outgoing")
      .getByRole("button", { name: zh("Cancel") })
      .click();
    await expect(card(abroad.page, "incoming")).toBeHidden();
    await abroad.page.getByRole("link", { name: /^Notices/ }).click();
    const missed = abroad.page.getByRole("listitem").filter({ hasText: "Missed call" }).first();
    await expect(missed).toContainText("林悦");
    await missed.getByRole("button", { name: /Missed call/ }).click();
    const entry = card(abroad.page, "entry").last();
    await expect(entry).toContainText("Missed call from 林悦");
    await entry.getByRole("button", { name: "Call back" }).click();
    await expect(card(staff.page, "incoming")).toContainText(zh("{0} is calling", envoy.name));
    await staff.page.getByRole("button", { name: zh("Decline"), exact: true }).click();
    await expect(card(abroad.page, "outgoing")).toContainText("Call declined");
    await abroad.page.getByRole("link", { name: /^Notices/ }).click();
    await expect(missed).toBeVisible();
    await expect(missed.getByText("unread", { exact: true })).toHaveCount(0);
  });

  await test.step("at night one is asked first, and reminded at nine", async () => {
    await settle(abroad.page, 1, "en");
    await staff.page.goto(`/rooms/${room}`);
    await staff.page.getByRole("button", { name: zh("Call"), exact: true }).click();
    const guard = staff.page.getByRole("dialog", { name: zh("It is night there") });
    await expect(guard).toContainText(/0[0-2]:\d\d/);
    await guard.getByRole("button", { name: new RegExp(zh("Remind me at {there} there", ".*")) }).click();
    await expect(staff.page.getByText(/提醒您。/)).toBeVisible();
    await expect(card(abroad.page, "incoming")).toBeHidden();
    await rings(staff.page, async () => guard.getByRole("button", { name: zh("Ring anyway") }).click());
    await expect(card(abroad.page, "incoming")).toBeVisible();
    await card(staff.page, "outgoing")
      .getByRole("button", { name: zh("Cancel") })
      .click();
  });
});

/** Leaves a meeting; who hosts it is asked how. */
async function leaves(page: Page, leave: string, meeting: string, back: string): Promise<void> {
  await page.getByRole("button", { name: leave, exact: true }).click();
  const choice = page.getByRole("menuitem", { name: meeting });
  const left = page.getByRole("button", { name: back });
  await expect(choice.or(left)).toBeVisible();
  if (await choice.isVisible()) await choice.click();
  await left.click();
}

/** Rings from a room's header; the hub leaves people alone for ten seconds between two calls. */
async function rings(page: Page, then: () => Promise<void> = async () => undefined): Promise<void> {
  await expect(async () => {
    if (!(await card(page, "outgoing").isVisible())) {
      await page.getByRole("button", { name: zh("Call"), exact: true }).click();
      await then();
    }
    await expect(card(page, "outgoing").getByText(zh("Ringing…")).first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
}

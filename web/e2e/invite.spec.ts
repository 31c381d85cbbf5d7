import { expect } from "@playwright/test";
import { arranged, goLive } from "./meetings";
import { berlin, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

test("from inside a meeting somebody is called in, a guest gets a link, and the title is changed", async ({
  browser,
}) => {
  const staff = await seat(browser, xuzhou);
  const abroad = await seat(browser, berlin);
  await signIn(staff.page, "linyue", xuzhou);
  await signIn(abroad.page, "dashi01", berlin);
  const me: { name: string } = await (await abroad.page.request.get("/api/session")).json();
  const { id, room } = await arranged(staff.page, { title: "临时邀请", guest: "Anna Berg" });
  await goLive(staff.page, room, false);
  await staff.page.getByRole("button", { name: zh("Members") }).click();
  await staff.page.getByRole("button", { name: zh("Invite or call") }).click();
  const dialog = staff.page.getByRole("dialog", { name: zh("Invite or call") });
  await expect(dialog.getByRole("listitem").filter({ hasText: "Anna Berg" })).toBeVisible(); // has not come

  await test.step("an account is rung, and joins", async () => {
    await dialog.getByLabel(zh("Search by name, pinyin or initials")).fill(me.name);
    await dialog
      .getByRole("button", { name: new RegExp(me.name) })
      .first()
      .click();
    await dialog.getByRole("button", { name: zh("Invite now") }).click();
    const guard = staff.page.getByRole("button", { name: zh("Ring anyway") });
    const ringing = abroad.page.getByRole("alertdialog", { name: "林悦 is calling" });
    await expect(guard.or(staff.page.locator("[data-call=outgoing]"))).toBeVisible();
    if (await guard.isVisible()) await guard.click(); // it may be night in Berlin
    await ringing.getByRole("button", { name: "Accept" }).click();
    await expect(abroad.page.locator("[data-phase=in]")).toBeVisible();
    await expect(staff.page.locator("[data-tile]", { hasText: me.name })).toBeVisible();
  });

  await test.step("a guest's link is copied, and opens the meeting", async () => {
    await staff.page.getByRole("button", { name: zh("Invite or call") }).click();
    await expect(dialog.getByRole("listitem").filter({ hasText: me.name })).toHaveCount(0); // has come
    await dialog.getByRole("button", { name: zh("Invite by e-mail address") }).click();
    const typed = staff.page.getByRole("dialog").last();
    await typed.getByLabel(zh("Name"), { exact: true }).fill("Carl Late");
    await typed.getByLabel(zh("E-mail"), { exact: true }).fill("carl@");
    await typed.getByRole("button", { name: zh("Invite"), exact: true }).click();
    await dialog.getByRole("button", { name: zh("Invite now") }).click();
    const row = dialog.getByRole("listitem").filter({ hasText: "Carl Late" });
    await expect(row).toContainText(zh("Please check the e-mail address."));
    await row.getByRole("button").click();
    await dialog.getByRole("button", { name: zh("Invite by e-mail address") }).click();
    await typed.getByLabel(zh("Name"), { exact: true }).fill("Carl Late");
    await typed.getByLabel(zh("E-mail"), { exact: true }).fill("carl@example.org");
    await typed.getByRole("button", { name: zh("Invite"), exact: true }).click();
    await dialog.getByRole("button", { name: zh("Invite now") }).click();
    await expect(staff.page.getByText(zh("The link of {0} has been copied.", "Carl Late"))).toBeVisible();
    const link = await staff.page.evaluate(() => navigator.clipboard.readText());
    const guest = await seat(browser, berlin);
    await guest.page.goto(new URL(link).pathname + new URL(link).hash);
    await expect(guest.page.getByRole("heading", { name: "临时邀请" })).toBeVisible();
    await guest.page.getByRole("button", { name: "Ask to join" }).click();
    await expect(staff.page.getByText("Carl Late").first()).toBeVisible();
    await staff.page.getByRole("button", { name: zh("Admit {0}", "Carl Late") }).click();
    await expect(guest.page.locator("[data-phase=in]")).toBeVisible();
  });

  await test.step("a new title is seen inside at once", async () => {
    const page = await staff.context.newPage();
    await page.goto(`/meetings/${id}/edit`);
    await expect(page.getByLabel(zh("Begins"), { exact: true })).toBeDisabled();
    await page.getByLabel(zh("Title"), { exact: true }).fill("改名后的会议");
    await page.getByRole("button", { name: zh("Save"), exact: true }).click();
    await expect(page.getByRole("heading", { name: "改名后的会议" })).toBeVisible();
    await page.getByRole("button", { name: zh("Invite or call") }).click(); // the page has it, too
    await expect(
      page.getByRole("dialog").getByRole("listitem").filter({ hasText: "Anna Berg" }),
    ).toBeVisible();
    await expect(page.getByRole("dialog").getByRole("listitem").filter({ hasText: me.name })).toHaveCount(0);
    await expect(abroad.page.getByRole("heading", { name: "改名后的会议" })).toBeVisible();
  });
});

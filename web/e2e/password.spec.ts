import { expect } from "@playwright/test";
import { berlin, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

test("a forgotten password is asked for at the door, and an administrator hears of it", async ({
  browser,
}) => {
  const visitor = await seat(browser, xuzhou);
  await visitor.page.goto("/signin");
  await visitor.page.getByLabel(zh("User name or e-mail")).fill("mexico");
  await visitor.page.getByRole("button", { name: zh("Forgot your password?") }).click();
  const dialog = visitor.page.getByRole("dialog", { name: zh("Forgot your password?") });
  await expect(dialog.getByLabel(zh("User name or e-mail"))).toHaveValue("mexico");
  await dialog.getByRole("button", { name: zh("Ask the administrators") }).click();
  await expect(
    visitor.page.getByRole("dialog", { name: zh("The administrators have been asked") }),
  ).toBeVisible();

  const admin = await seat(browser, berlin);
  await signIn(admin.page, "admin", berlin);
  await admin.page.getByRole("link", { name: /^Notices/ }).click();
  const told = admin.page.getByRole("listitem").filter({ hasText: "Somebody has forgotten a password" });
  await expect(told.first()).toContainText("周宁远");
  await told.first().getByRole("button").first().click();
  await expect(admin.page.getByRole("heading", { name: "Accounts" })).toBeVisible();
});

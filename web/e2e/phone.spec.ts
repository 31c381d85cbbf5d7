import { expect, type Page } from "@playwright/test";
import { arranged } from "./meetings";
import { berlin, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** Whether all of it is on the screen without scrolling. */
async function onScreen(page: Page, role: "heading" | "textbox" | "button", name: string): Promise<void> {
  const box = await page.getByRole(role, { name, exact: true }).boundingBox();
  expect(box, name).not.toBeNull();
  expect((box?.y ?? 0) + (box?.height ?? 0), `${name} ends above the fold`).toBeLessThanOrEqual(
    page.viewportSize()?.height ?? 0,
  );
}

test("on a guest's phone the meeting, its host and the way in are seen at once", async ({ browser }) => {
  const host = await seat(browser, xuzhou);
  await signIn(host.page, "linyue", xuzhou);
  const { link } = await arranged(host.page, { title: "海外人才座谈会", guest: "Anna Berg" });
  for (const place of [xuzhou, berlin]) {
    const phone = await seat(browser, { ...place, width: 390, height: 664 });
    await phone.page.goto(link);
    const words = place === xuzhou ? zh : (english: string) => english;
    await onScreen(phone.page, "heading", "海外人才座谈会");
    await onScreen(phone.page, "textbox", words("Your name"));
    await onScreen(phone.page, "button", words("Ask to join"));
  }
});

test("in WeChat a Chinese reader is shown the dots, and what meeting it is", async ({ browser }) => {
  const host = await seat(browser, xuzhou);
  await signIn(host.page, "linyue", xuzhou);
  const { link } = await arranged(host.page, { title: "海外人才座谈会", guest: "Anna Berg" });
  const phone = await browser.newContext({
    locale: "zh-CN",
    viewport: { width: 390, height: 664 },
    userAgent: "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile MicroMessenger/8.0",
  });
  const page = await phone.newPage();
  await page.goto(link);
  await expect(
    page.getByRole("heading", { name: zh("Please open this page in your browser") }),
  ).toBeVisible();
  await expect(page.getByText(zh("Tap the three dots at the top right."))).toBeInViewport();
  await expect(page.getByRole("heading", { name: "海外人才座谈会" })).toBeInViewport();
  await expect(page.getByText(zh("Host: {0}", "林悦"))).toBeInViewport();
  await page.getByRole("button", { name: zh("Continue here anyway") }).click();
  await expect(page.getByRole("button", { name: zh("Ask to join") })).toBeVisible();
  await phone.close();
});

import { expect } from "@playwright/test";
import { berlin, type Place, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

const readers: { place: Place; who: string; words: (english: string) => string }[] = [
  { place: xuzhou, who: "linyue", words: zh },
  { place: berlin, who: "admin", words: (english) => english },
];

for (const { place, who, words } of readers)
  test(`the list of chats is one stop, arrows go through it, ${place.locale}`, async ({ browser }) => {
    const { page } = await seat(browser, place);
    await signIn(page, who, place);
    await page.goto("/rooms");
    const list = page.getByRole("navigation", { name: words("Chats"), exact: true });
    const links = list.getByRole("link");
    await expect(links.nth(2)).toBeVisible();
    await page.getByLabel(words("Search chats"), { exact: true }).focus();
    await page.keyboard.press("Tab");
    await expect(links.first()).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(links.nth(1)).toBeFocused();
    await page.keyboard.press("End");
    await expect(links.last()).toBeFocused();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await expect(list.locator("a:focus")).toHaveCount(0);
    await page.keyboard.press("Shift+Tab");
    await expect(links.nth(1)).toBeFocused();
  });

import { expect } from "@playwright/test";
import { berlin, type Place, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

const readers: { place: Place; who: string; words: (english: string) => string }[] = [
  { place: xuzhou, who: "linyue", words: zh },
  { place: berlin, who: "admin", words: (english) => english },
];
const forms = [
  { path: "/meetings/new", field: "Title" },
  { path: "/contacts/new", field: "Name" },
];

for (const { place, who, words } of readers)
  for (const { path, field } of forms) {
    test(`${path} asks before what was written is lost, ${place.locale}`, async ({ browser }) => {
      const { page } = await seat(browser, place);
      await signIn(page, who, place);
      await page.goto(path);
      const typed = page.getByLabel(words(field), { exact: true });
      const away = page.getByRole("link", { name: words("Home"), exact: true }).first();
      const asked = page.getByRole("dialog", { name: words("Leave without saving?") });

      await expect(typed).toBeVisible();
      await away.click(); // nothing is written yet: nothing is asked
      await expect(page).toHaveURL("/");

      await page.goto(path);
      await typed.fill("Lin");
      await away.click();
      await asked.getByRole("button", { name: words("Cancel"), exact: true }).click();
      await expect(asked).toBeHidden();
      await expect(page).toHaveURL(path);
      await expect(typed).toHaveValue("Lin");

      await page.keyboard.press("Escape");
      await away.click();
      await asked.getByRole("button", { name: words("Discard and leave") }).click();
      await expect(page).toHaveURL("/");
    });
  }

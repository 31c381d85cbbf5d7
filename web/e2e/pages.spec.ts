import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { signIn } from "./people";

/** How somebody may look at the hub. */
const ways = [
  { who: "linyue", language: "zh-CN", colorScheme: "light", width: 1440, height: 900 },
  { who: "linyue", language: "zh-CN", colorScheme: "dark", width: 390, height: 844 },
  { who: "admin", language: "en", colorScheme: "dark", width: 1024, height: 768 },
  { who: "admin", language: "en", colorScheme: "light", width: 390, height: 844 },
] as const;

for (const way of ways) {
  test(`every page, ${way.language}, ${way.colorScheme}, ${way.width} px`, async ({ browser }) => {
    const context = await browser.newContext({
      locale: way.language === "en" ? "en-GB" : "zh-CN",
      timezoneId: way.language === "en" ? "Europe/Berlin" : "Asia/Shanghai",
      colorScheme: way.colorScheme,
      viewport: { width: way.width, height: way.height },
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto("/signin");
    await check(page, "/signin");
    await signIn(page, way.who);
    await context.request.patch("/api/account", {
      data: { language: way.language },
      headers: { origin: new URL(page.url()).origin },
    });
    for (const path of await pages(page, way.who)) {
      await page.goto(path);
      await expect(page.getByRole("heading").first()).toBeVisible();
      await check(page, path);
    }
    expect(errors).toEqual([]);
    await context.close();
  });
}

/** The pages of a signed-in person, with one of each thing that the demonstration holds. */
async function pages(page: Page, who: string): Promise<string[]> {
  const get = async <T>(path: string): Promise<T> => (await page.request.get(path)).json();
  const meetings = await get<{ id: string; minutes?: { id: string } }[]>("/api/meetings");
  const rooms = await get<{ id: string; kind: string }[]>("/api/rooms");
  const contacts = await get<{ items: { id: string }[] }>("/api/contacts");
  const written = meetings.find((m) => m.minutes)?.minutes;
  return [
    "/",
    "/rooms",
    ...rooms.slice(0, 1).map((r) => `/rooms/${r.id}`),
    "/meetings",
    "/meetings/new",
    ...meetings.slice(0, 1).map((m) => `/meetings/${m.id}`),
    ...(written ? [`/minutes/${written.id}`] : []),
    "/contacts",
    ...contacts.items.slice(0, 1).map((c) => `/contacts/${c.id}`),
    "/contacts/new",
    "/notices",
    "/settings",
    "/search",
    "/search?q=%E4%BA%BA%E6%89%8D",
    ...(who === "admin" ? ["/hooks", "/records"] : []),
  ];
}

/** Nothing sticks out sideways, and a screen reader and a keyboard find their way, once the page has settled. */
async function check(page: Page, path: string): Promise<void> {
  await expect(page.locator(".animate-spin")).toHaveCount(0);
  await expect(async () => {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${path} is wider than the window`).toBeLessThanOrEqual(0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations
      .filter((v) => v.impact === "serious" || v.impact === "critical")
      .map((v) => `${path}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(" | ")}`);
    expect(found).toEqual([]);
  }).toPass({ timeout: 30_000 });
}

import { expect } from "@playwright/test";
import { berlin, type Place, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** A reader of each language, and the words they read. */
const readers: { place: Place; who: string; words: typeof zh }[] = [
  { place: xuzhou, who: "linyue", words: zh },
  { place: berlin, who: "admin", words: fill },
];

function fill(english: string, ...values: string[]): string {
  let next = 0;
  return english.replace(/\{\w+\}/g, () => values[next++] ?? "");
}

for (const { place, who, words } of readers) {
  test(`a meeting's end follows its beginning, ${place.locale}`, async ({ browser }) => {
    const { page } = await seat(browser, place);
    await signIn(page, who, place);
    await page.goto("/meetings/new");
    await page.getByLabel(words("Title")).fill("Time");
    const [begins, ends] = ["Begins", "Ends"].map((name) => page.getByLabel(words(name), { exact: true }));
    if (!begins || !ends) throw new Error("no times");
    const length = (zhWords: string, en: string) => words("Length: {0}", words === zh ? zhWords : en);
    await begins.fill("15:00");
    await expect(ends).toHaveValue("16:00");
    await expect(page.getByText(length("1 小时", "1 h"), { exact: true })).toBeVisible();

    await ends.fill("11:00");
    await expect(page.getByText(length("20 小时", "20 h"))).toContainText(words("ends the next day"));
    const save = page.getByRole("button", { name: words("Schedule"), exact: true });
    await save.click();
    const asked = page.getByRole("dialog", { name: words("Does the meeting end the next day?") });
    await expect(asked).toContainText("11:00");
    await asked.getByRole("button", { name: words("Cancel") }).click();

    await ends.fill("16:30");
    await save.click();
    await expect(page.getByRole("heading", { name: "Time" })).toBeVisible();
    await expect(page.getByText("15:00–16:30").first()).toBeVisible();
  });
}

test("who is invited hears of it in the page: the invitation, the change, the beginning, the end", async ({
  browser,
}) => {
  const staff = await seat(browser, xuzhou);
  const abroad = await seat(browser, berlin);
  await signIn(staff.page, "linyue", xuzhou);
  await signIn(abroad.page, "dashi01", berlin);
  await abroad.page.waitForLoadState("networkidle"); // what came before is no news
  const headers = { origin: new URL(staff.page.url()).origin };
  const who: { id: string }[] = await Promise.all(
    [staff, abroad].map(async ({ page }) => (await page.request.get("/api/session")).json()),
  );
  const accounts: { id: string; user_name: string }[] = await (
    await staff.page.request.get("/api/accounts")
  ).json();
  const absent = accounts.find((a) => a.user_name === "admin")?.id;
  const local = (hours: number) => new Date(Date.now() + (8 + hours) * 3_600_000).toISOString().slice(0, 16);
  const title = `人才对接会 ${Date.now()}`;
  const draft = {
    title,
    host_id: who[0]?.id,
    starts_at: local(1),
    ends_at: local(2),
    time_zone: "Asia/Shanghai",
    agenda: [],
    invitees: [who[1]?.id, absent].map((ref) => {
      return { kind: "account", ref, name: "", language: "en", time_zone: "Europe/Berlin" };
    }),
    may_be_recorded: true,
    video_codec: "auto",
    note: "",
  };
  const arranged = await staff.page.request.post("/api/meetings", { headers, data: draft });
  expect(arranged.ok(), await arranged.text()).toBe(true);
  const meeting: { id: string; room_id: string; sequence: number } = await arranged.json();
  const note = (english: string) => abroad.page.getByText(`${english} · ${title}`);

  await expect(note("You are invited to a meeting")).toBeVisible();
  await staff.page.request.put(`/api/meetings/${meeting.id}`, {
    headers,
    data: { ...draft, ends_at: local(3), sequence: meeting.sequence },
  });
  await expect(note("The meeting has been changed")).toBeVisible();

  await staff.page.goto(`/live/${meeting.room_id}`);
  await staff.page.getByRole("button", { name: zh("Start the meeting") }).click();
  await expect(staff.page.locator("[data-phase=in]")).toBeVisible();
  await expect(note("The meeting has begun")).toBeVisible();
  await abroad.page.getByRole("link", { name: /^Notices/ }).click();
  const begun = abroad.page
    .getByRole("listitem")
    .filter({ hasText: "The meeting has begun" })
    .filter({ hasText: title });
  await begun.getByRole("button", { name: "Join" }).click();
  await expect(note("The meeting has begun")).toBeHidden(); // nothing calls into where one is
  await abroad.page.getByRole("button", { name: "Join", exact: true }).click();
  await expect(abroad.page.locator("[data-phase=in]")).toBeVisible();
  const unread = async () => {
    const page: { items: { kind: string; read: boolean }[] } = await (
      await abroad.page.request.get("/api/notices")
    ).json();
    return page.items.filter((n) => n.kind === "meeting_begun" && !n.read).length;
  };
  await expect.poll(unread).toBe(0); // it has done what it was for

  await staff.page.getByRole("button", { name: zh("Leave"), exact: true }).click();
  await staff.page.getByRole("menuitem", { name: zh("End meeting for all") }).click();
  await staff.page.getByRole("button", { name: zh("End meeting"), exact: true }).click();
  await expect(abroad.page.getByRole("heading", { name: "The meeting has ended" })).toBeVisible();
  for (const [{ page }, planned, away] of [
    [staff, /^原定：/, zh("Did not come")],
    [abroad, /^Planned: /, "Did not come"],
  ] as const) {
    await page.goto(`/meetings/${meeting.id}`);
    await expect(page.getByText(planned)).toBeVisible();
    await expect(page.getByRole("listitem").filter({ hasText: away })).toHaveCount(1);
    await expect(page.getByRole("listitem").filter({ hasText: away })).toContainText("管理员");
  }
});

import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { expect, type Locator, type Page } from "@playwright/test";
import { berlin, mexico, network, received, seat, seesAndHears, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

const title = "徐州—墨西哥城—柏林人才交流会";
const expert = "Dr. Hannah Weiss";

test("an online exchange, from the invitation to the signed minutes", async ({ browser }) => {
  const staff = await seat(browser, xuzhou);
  const station = await seat(browser, mexico);
  const guest = await seat(browser, berlin);
  const stationNetwork = await network(station.page);

  const { meeting, link } = await test.step("staff arrange it and hand over the guest's link", async () => {
    await signIn(staff.page, "linyue", xuzhou);
    return arrange(staff.page);
  });

  await test.step("the guest finds title, host and their own time, and knocks", async () => {
    await guest.page.goto(link.replace("/join#", "/join?debug#"));
    await expect(guest.page.getByRole("heading", { name: title })).toBeVisible();
    await expect(guest.page.getByText("林悦")).toBeVisible();
    await expect(guest.page.getByText(/your time/)).toBeVisible();
    await expect(guest.page.getByText(/may be recorded/)).toBeVisible();
    await expect(guest.page.getByLabel("Your name")).toHaveValue(expert);
    await guest.page.getByRole("button", { name: "Microphone", exact: true }).click();
    await guest.page.getByRole("button", { name: "Ask to join" }).click();
    await expect(guest.page.getByText(/The meeting has not begun/)).toBeVisible();
  });

  await test.step("staff and station come in; the guest is admitted", async () => {
    await enter(staff.page, `/meetings/${meeting}`);
    await expect(guest.page.getByText(/You are in the waiting room/).first()).toBeVisible();
    await signIn(station.page, "mexico", mexico);
    await enter(station.page, `/meetings/${meeting}`);
    await staff.page
      .getByRole("button", { name: zh("Admit"), exact: true })
      .first()
      .click();
    await expect(guest.page.locator("[data-phase=in]")).toBeVisible();
  });

  await test.step("everybody sees and hears the two others", async () => {
    await seesAndHears(staff.page, ["周宁远", expert]);
    await seesAndHears(station.page, ["林悦", expert]);
    await seesAndHears(guest.page, ["林悦", "周宁远"]);
    expect((await received(guest.page)).cipher).toBe("SRTP_AEAD_AES_128_GCM");
  });

  await test.step("the recording is seen by all", async () => {
    await staff.page.getByRole("button", { name: zh("Record"), exact: true }).click();
    await staff.page.getByRole("button", { name: zh("Start recording") }).click();
    await expect(staff.page.getByText(zh("Recording"), { exact: true }).first()).toBeVisible();
    await expect(station.page.getByText(zh("Recording"), { exact: true }).first()).toBeVisible();
    await expect(guest.page.getByText("Recording", { exact: true }).first()).toBeVisible();
  });

  await test.step("they write to each other", async () => {
    await write(guest.page, "Chat", "Hello from Berlin!");
    await write(staff.page, zh("Chat"), "欢迎您！");
    await expect(staff.page.getByText("Hello from Berlin!", { exact: true })).toBeVisible();
    await expect(guest.page.getByText("欢迎您！", { exact: true })).toBeVisible();
  });

  await test.step("staff share the screen", async () => {
    await staff.page.getByRole("button", { name: zh("Share screen") }).click();
    await moves(guest.page.locator("video[data-source=screen]"), "the shared screen at the guest");
    await moves(station.page.locator("video[data-source=screen]"), "the shared screen at the station");
    await staff.page
      .getByRole("button", { name: zh("Stop sharing") })
      .first()
      .click();
    await expect(guest.page.locator("video[data-source=screen]")).toHaveCount(0);
  });

  await test.step("the guest reloads and the station's network goes and comes back", async () => {
    await guest.page.reload();
    await expect(guest.page.locator("[data-phase=in]")).toBeVisible();
    await seesAndHears(guest.page, ["林悦", "周宁远"]);
    await staff.page
      .getByRole("button", { name: zh("Members") })
      .first()
      .click();
    await stationNetwork.cut();
    await expect(staff.page.getByText(zh("Coming back…")).first()).toBeVisible();
    await seesAndHears(staff.page, ["周宁远"]); // its sound and picture go on meanwhile
    stationNetwork.mend();
    await expect(staff.page.getByText(zh("Coming back…"))).toHaveCount(0);
    await expect(station.page.locator("[data-phase=in]")).toBeVisible();
    await seesAndHears(station.page, ["林悦", expert]);
  });

  await test.step("the host ends it for all", async () => {
    await staff.page.getByRole("button", { name: zh("Leave"), exact: true }).click();
    await staff.page.getByRole("menuitem", { name: zh("End meeting for all") }).click();
    await staff.page.getByRole("button", { name: zh("End meeting"), exact: true }).click();
    await expect(guest.page.locator("[data-phase=in]")).toHaveCount(0);
    await expect(guest.page.getByText(/The meeting has ended|This meeting has ended/).first()).toBeVisible();
    await expect(station.page.locator("[data-phase=in]")).toHaveCount(0);
  });

  await test.step("the recording plays all of them in step", () => playBack(staff.page, meeting));
  await test.step("the minutes are written, signed and exported", () => minutes(staff.page, meeting));
});

/** Arranges the meeting through the form and returns its id and the guest's link. */
async function arrange(page: Page): Promise<{ meeting: string; link: string }> {
  await page.goto("/meetings/new");
  await page.getByLabel(zh("Title"), { exact: true }).fill(title);
  const { date, begins, ends, zone } = soon();
  await page.getByLabel(zh("Time zone")).selectOption(zone);
  await page.getByLabel(zh("Day"), { exact: true }).fill(date);
  await page.getByLabel(zh("Begins"), { exact: true }).fill(begins);
  await page.getByLabel(zh("Ends"), { exact: true }).fill(ends);
  await page.getByRole("button", { name: zh("Add an item") }).click();
  await page.getByLabel(zh("Item {0}", "1"), { exact: true }).fill("介绍人才政策");
  await page.getByLabel(zh("Search by name, pinyin or initials")).fill("mxg");
  await page
    .getByRole("list", { name: zh("Found") })
    .getByRole("button", { name: /墨西哥/ })
    .first()
    .click();
  await page.getByRole("button", { name: zh("Invite by e-mail address") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(zh("Name"), { exact: true }).fill(expert);
  await dialog.getByLabel(zh("E-mail"), { exact: true }).fill("weiss@example.org");
  await dialog.getByLabel(zh("Time zone")).selectOption("Europe/Berlin");
  await dialog.getByRole("button", { name: zh("Invite"), exact: true }).click();
  const invited = page.getByRole("list", { name: zh("Invited") });
  await expect(invited.getByText(expert)).toBeVisible();
  await expect(invited.getByText(/柏林|德国|中欧/)).toBeVisible(); // whose clock it is
  await page.getByRole("button", { name: zh("Schedule"), exact: true }).click();
  await page.waitForURL(/\/meetings\/[0-9a-f-]{36}$/);
  const meeting = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await page.getByRole("button", { name: zh("Show the link of {0}", expert) }).click();
  const text = (await page.getByRole("dialog").locator("pre").textContent()) ?? "";
  const link = /https?:\/\/\S+\/join#\S+/.exec(text)?.[0] ?? "";
  expect(text).toContain("Berlin time, UTC+");
  expect(link).not.toBe("");
  return { meeting, link };
}

/** A quarter of an hour from now, in a zone where that is not near midnight. */
function soon(): { date: string; begins: string; ends: string; zone: string } {
  const zone = [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].includes(hourIn("Asia/Shanghai"))
    ? "Asia/Shanghai"
    : "Europe/London";
  const part = (minutes: number, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("sv-SE", { timeZone: zone, ...options }).format(Date.now() + minutes * 60_000);
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return { date: part(15, { dateStyle: "short" }), begins: part(15, clock), ends: part(60, clock), zone };
}

function hourIn(timeZone: string): number {
  return Number(new Intl.DateTimeFormat("sv-SE", { timeZone, hour: "2-digit", hourCycle: "h23" }).format());
}

/** Enters the meeting from its page, microphone on. */
async function enter(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole("button", { name: zh("Join"), exact: true }).click();
  await page.waitForURL(/\/live\//);
  await page.goto(`${page.url()}?debug`);
  await page
    .getByRole("button", { name: zh("Microphone"), exact: true })
    .first()
    .click();
  await page.getByRole("button", { name: /^(开始会议|加入)$/ }).click();
  await expect(page.locator("[data-phase=in]")).toBeVisible();
}

async function write(page: Page, chat: string, text: string): Promise<void> {
  await page.getByRole("button", { name: chat }).first().click();
  await page.getByRole("textbox").fill(text);
  await page.keyboard.press("Enter");
}

/** Waits until a video goes on showing new pictures. */
async function moves(video: Locator, what: string): Promise<void> {
  const shown = () =>
    video.first().evaluate((v: HTMLVideoElement) => v.getVideoPlaybackQuality().totalVideoFrames);
  await expect(video.first()).toBeVisible();
  const before = await shown();
  await expect.poll(shown, { message: what, timeout: 30_000 }).toBeGreaterThan(before + 3);
}

/** Plays the recording: all files run, in step with each other, also after a jump. */
async function playBack(page: Page, meeting: string): Promise<void> {
  await page.goto(`/meetings/${meeting}`);
  await page
    .getByRole("link", { name: zh("Play"), exact: true })
    .first()
    .click();
  const media = page.locator("[data-file]");
  await expect(media).not.toHaveCount(0);
  expect(await media.count()).toBeGreaterThanOrEqual(3);
  await page.getByRole("button", { name: zh("Play"), exact: true }).click();
  const times = () => media.evaluateAll((all) => all.map((m) => (m as HTMLMediaElement).currentTime));
  await expect.poll(async () => Math.max(...(await times())), { timeout: 30_000 }).toBeGreaterThan(2);
  // Who left or came back has a file that is over early: any may be the one that moves.
  const frames = () =>
    page
      .locator("video[data-file]")
      .evaluateAll((all) =>
        (all as HTMLVideoElement[]).reduce((sum, v) => sum + v.getVideoPlaybackQuality().totalVideoFrames, 0),
      );
  const before = await frames();
  await expect
    .poll(frames, { message: "recorded pictures move", timeout: 30_000 })
    .toBeGreaterThan(before + 3);
  await page.getByRole("slider", { name: zh("Position") }).focus();
  await page.keyboard.press("Home");
  await expect.poll(async () => Math.max(...(await times())), { timeout: 30_000 }).toBeGreaterThan(0.5);
}

/** Writes a decision and an action, has the minutes signed, and checks the document. */
async function minutes(page: Page, meeting: string): Promise<void> {
  await page.goto(`/meetings/${meeting}`);
  await page.getByRole("button", { name: zh("Write the minutes") }).click();
  await page.waitForURL(/\/minutes\//);
  await expect(page.getByLabel(zh("Name"), { exact: true }).first()).not.toHaveValue("");
  await addBlock(page, zh("Decision"), "会议决定共建海外人才工作站。");
  await addBlock(page, zh("Action"), "起草合作备忘录。");
  await page.getByLabel(zh("Responsible")).fill("周宁远");
  await page.getByLabel(zh("Due on")).fill("2026-12-15");
  await page.getByLabel(zh("Due on")).blur();
  await expect(page.getByText(/^已保存/)).not.toHaveCount(0);
  await page.getByRole("button", { name: zh("Hand over for review") }).click();
  await page.getByRole("button", { name: zh("Sign"), exact: true }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: zh("Sign"), exact: true })
    .click();
  await expect(page.getByText(/徐侨联纪要〔20\d\d〕\d+号/)).toBeVisible();
  await expect(page.getByText(zh("Write here"))).toHaveCount(0);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: zh("Export as DOCX") }).click();
  checkDocument(await (await download).path());
}

async function addBlock(page: Page, kind: string, text: string): Promise<void> {
  const blocks = page.locator("[data-block]");
  const before = await blocks.count();
  await page.getByRole("button", { name: kind, exact: true }).click();
  await expect(blocks).toHaveCount(before + 1);
  const box = blocks.last().getByRole("textbox").first();
  await box.fill(text);
  await box.blur();
}

/** The document opens in LibreOffice, prints on A4, and says what was agreed. */
function checkDocument(path: string): void {
  const folder = dirname(path);
  execFileSync("soffice", [
    "--headless",
    `-env:UserInstallation=file://${folder}/office`,
    "--convert-to",
    "pdf",
    "--outdir",
    folder,
    path,
  ]);
  const pdf = join(
    folder,
    `${path
      .split("/")
      .at(-1)
      ?.replace(/\.[^.]*$/, "")}.pdf`,
  );
  const info = execFileSync("pdfinfo", [pdf], { encoding: "utf8" });
  expect(info).toMatch(/Page size:\s+595\.\d+ x 841\.\d+ pts \(A4\)/);
  const text = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" }).replace(/\s+/g, "");
  for (const words of [
    "纪要",
    "〔20",
    title,
    "出席",
    "林悦",
    "周宁远",
    "列席",
    "Weiss",
    "共建海外人才工作站",
    "起草合作备忘录",
    "签发人：林悦",
  ]) {
    expect(text).toContain(words.replace(/\s+/g, ""));
  }
  const margins = execFileSync("unzip", ["-p", path, "word/document.xml"], { encoding: "utf8" });
  const measure = (name: string) =>
    Number(new RegExp(`<w:pgMar[^>]*w:${name}="(\\d+)"`).exec(margins)?.[1]) / 56.6929;
  expect(measure("top")).toBeCloseTo(37, 0);
  expect(measure("left")).toBeCloseTo(28, 0);
}

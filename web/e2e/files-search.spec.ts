import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page } from "@playwright/test";
import { openLine } from "./line";
import { berlin, seat, signIn, test, xuzhou } from "./people";
import { animatedWebP, avif } from "./pictures";
import { zh } from "./words";

/** The demonstration's group of the ambassadors. */
async function ambassadors(page: Page): Promise<string> {
  const rooms: { id: string; title: string }[] = await (await page.request.get("/api/rooms")).json();
  const room = rooms.find((r) => r.title.includes("大使"));
  expect(room, "a group of ambassadors").toBeDefined();
  return room?.id ?? "";
}

/** Draws a picture and pastes it into the message, as from the clipboard of a screenshot. */
async function pastePicture(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1200, 600);
    const brush = canvas.getContext("2d");
    if (!brush) throw new Error("no canvas");
    brush.fillStyle = "#c22";
    brush.fillRect(0, 0, 600, 600);
    brush.fillStyle = "#22c";
    brush.fillRect(600, 0, 600, 600);
    const picture = await canvas.convertToBlob({ type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
  });
  await page.locator("textarea").press("Control+v");
}

/** Pastes what a program has put into the clipboard, in one form or several. */
async function paste(page: Page, forms: { text: string; html?: string; picture?: boolean }): Promise<void> {
  await page.evaluate(async ({ text, html, picture }) => {
    const all: Record<string, Blob> = { "text/plain": new Blob([text], { type: "text/plain" }) };
    if (html) all["text/html"] = new Blob([html], { type: "text/html" });
    if (picture) {
      const canvas = new OffscreenCanvas(200, 60);
      canvas.getContext("2d")?.fillRect(0, 0, 100, 60);
      all["image/png"] = await canvas.convertToBlob({ type: "image/png" });
    }
    await navigator.clipboard.write([new ClipboardItem(all)]);
  }, forms);
  await page.locator("textarea").press("Control+v");
}

/** Bytes that do not shrink on the way. */
function bytes(length: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; parts.length * 32 < length; i++)
    parts.push(createHash("sha256").update(String(i)).digest());
  return Buffer.concat(parts).subarray(0, length);
}

const digest = (content: Buffer) => createHash("sha256").update(content).digest("hex");

/** Waits until a picture is really drawn. */
async function drawn(picture: Locator): Promise<void> {
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
}

async function accessible(page: Page): Promise<void> {
  // What the widget library says to screen readers refers to things that may be gone by now.
  const { violations } = await new AxeBuilder({ page }).exclude("[data-live-announcer]").analyze();
  const found = violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(" | ")}`);
  expect(found).toEqual([]);
}

test("pictures, files and voices go from one to the other", async ({ browser, baseURL }) => {
  const line = await openLine(baseURL ?? "");
  const staff = await seat(browser, xuzhou);
  const reader = await seat(browser, berlin);
  const outsider = await seat(browser, berlin);
  await signIn(staff.page, "linyue");
  await signIn(reader.page, "dashi05");
  await signIn(outsider.page, "mexico");
  const room = await ambassadors(staff.page);
  await staff.page.goto(`${line.url}/rooms/${room}`);
  await reader.page.goto(`/rooms/${room}`);
  await expect(staff.page.getByRole("log")).toBeVisible();
  await expect(reader.page.getByRole("log")).toBeVisible();
  const log = reader.page.getByRole("log");

  await test.step("a picture is pasted, and the other sees it small and large", async () => {
    await pastePicture(staff.page);
    await expect(staff.page.locator("[data-upload=done] img")).toBeVisible();
    await staff.page.locator("textarea").fill("今天的合影");
    await staff.page.locator("textarea").press("Enter");
    await expect(staff.page.locator("[data-upload]")).toHaveCount(0);
    await reader.page.getByRole("button", { name: "To the newest" }).click();
    const message = log.locator("[data-message]", { hasText: "今天的合影" });
    const small = message.getByRole("button", { name: /Open the picture .*\.png/ });
    await drawn(small.locator("img"));
    const box = await small.boundingBox();
    expect((box?.width ?? 0) / (box?.height ?? 1), "the box has the picture's shape").toBeCloseTo(2, 1);
    await small.click();
    const large = reader.page.getByRole("dialog", { name: /\.png/ });
    await drawn(large.locator("img").last());
    await accessible(reader.page);
    await reader.page.keyboard.press("Escape");
    await expect(large).toHaveCount(0);
  });

  await test.step("pictures that the hub cannot draw are shown as they are", async () => {
    await staff.page.locator("input[type=file]").setInputFiles([animatedWebP, avif]);
    await expect(staff.page.locator("[data-upload=done] img")).toHaveCount(2);
    await staff.page.locator("textarea").press("Enter");
    for (const [page, open] of [
      [staff.page, zh("Open the picture {0}", "")],
      [reader.page, "Open the picture"],
    ] as const) {
      for (const { name } of [animatedWebP, avif]) {
        const small = page.getByRole("button", { name: `${open} ${name}` });
        await drawn(small.locator("img"));
        const [width, height] = await small
          .locator("img")
          .evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]);
        expect([width, height]).toEqual([60, 30]);
      }
    }
    await reader.page.getByRole("button", { name: `Open the picture ${avif.name}` }).click();
    const large = reader.page.getByRole("dialog", { name: avif.name });
    await drawn(large.locator("img").last());
    await reader.page.keyboard.press("Escape");
    await expect(large).toHaveCount(0);
  });

  const content = bytes(3_000_000);
  await test.step("a file is sent by the button, over a line that breaks", async () => {
    const offsets: number[] = [];
    staff.page.on("request", (r) => {
      if (r.method() === "PATCH") offsets.push(Number(r.headers()["upload-offset"]));
    });
    line.slow(200_000); // a quarter of a minute in all: time enough to see it on its way
    await staff.page.locator("input[type=file]").setInputFiles({
      name: "春季招聘名单（终稿）.bin",
      mimeType: "application/octet-stream",
      buffer: content,
    });
    const bar = staff.page.getByRole("progressbar");
    await expect(bar).toBeVisible();
    await expect(
      staff.page.getByRole("button", { name: zh("Send, once the files are there") }),
    ).toBeDisabled();
    await expect.poll(async () => Number(await bar.getAttribute("aria-valuenow"))).toBeGreaterThan(10);
    line.cut();
    await accessible(staff.page); // about as long as a tunnel takes
    line.slow(0);
    line.mend();
    await expect(staff.page.locator("[data-upload=done]")).toBeVisible({ timeout: 60_000 });
    expect(offsets.at(-1), "it went on where it had stopped").toBeGreaterThan(0);
    await staff.page.getByRole("button", { name: zh("Send"), exact: true }).click();
  });

  await test.step("what may tell where it was taken is said before it is sent, and taken out", async () => {
    const scan = { name: "scan.tif", mimeType: "image/tiff", buffer: Buffer.from("II*\0\x08\0\0\0 GPS") };
    const photo = { name: "photo.png", mimeType: "image/png", buffer: await staff.page.screenshot() };
    for (const [page, said, remove] of [
      [staff.page, zh("May still contain where it was taken"), zh("Remove {name}", scan.name)],
      [reader.page, "May still contain where it was taken", `Remove ${scan.name}`],
    ] as const) {
      await page.locator("input[type=file]").setInputFiles([scan, photo]);
      await expect(page.locator("[data-upload=done]")).toHaveCount(2);
      await expect(page.getByText(said)).toHaveCount(1);
      await expect(page.locator("[data-upload]", { hasText: scan.name }).getByText(said)).toBeVisible();
      await accessible(page);
      await page.getByRole("button", { name: remove }).click();
      await expect(page.getByText(said)).toHaveCount(0);
      await page.getByRole("button", { name: /photo\.png/ }).click();
      await expect(page.locator("[data-upload]")).toHaveCount(0);
    }
  });

  await test.step("the other downloads the same bytes; who is not in the room does not", async () => {
    const link = log.getByRole("link", { name: "Download 春季招聘名单（终稿）.bin" });
    const [download] = await Promise.all([reader.page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe("春季招聘名单（终稿）.bin");
    expect(digest(readFileSync(await download.path()))).toBe(digest(content));
    const address = (await link.getAttribute("href")) ?? "";
    expect((await outsider.page.request.get(address)).status()).toBe(404);
  });

  await test.step("a voice message is recorded, heard once, sent and played", async () => {
    await staff.page.getByRole("button", { name: zh("Voice message") }).click();
    await expect(staff.page.getByText(zh("Recording"), { exact: true })).toBeVisible();
    await staff.page.waitForTimeout(1800); // it is spoken
    await accessible(staff.page);
    await staff.page.getByRole("button", { name: zh("End the recording") }).click();
    await staff.page.getByRole("button", { name: zh("Send the voice message") }).click();
    const voice = log.locator("[data-message] [data-voice]");
    await expect(voice).toBeVisible();
    await voice.getByRole("button", { name: "Play the voice message" }).click();
    await expect
      .poll(() => voice.locator("audio").evaluate((a: HTMLAudioElement) => a.currentTime))
      .toBeGreaterThan(0.3);
    const seconds = await voice.locator("input[type=range]").getAttribute("max");
    expect(Number(seconds)).toBeGreaterThan(1500);
  });

  await test.step("a message that is taken back takes its file along", async () => {
    const address = (await log.getByRole("link", { name: /Download/ }).getAttribute("href")) ?? "";
    const mine = staff.page.getByRole("log").locator("[data-message]", { hasText: "终稿" });
    await mine.hover();
    await mine.getByRole("button", { name: zh("More") }).click();
    await staff.page.getByRole("menuitem", { name: zh("Delete for everyone") }).click();
    await staff.page
      .getByRole("dialog")
      .getByRole("button", { name: zh("Delete for everyone") })
      .click();
    await expect(log.getByRole("link", { name: /Download/ })).toHaveCount(0);
    expect((await reader.page.request.get(address)).status()).toBe(404);
  });
  await test.step("a long text is pasted whole, or said to be too long; cells come as their text", async () => {
    const long = `${"长".repeat(8999)}终`;
    await paste(staff.page, { text: long });
    await expect(staff.page.locator("textarea")).toHaveValue(long);
    await staff.page.locator("textarea").press("Enter");
    const message = log.locator("[data-message]", { hasText: "长终" });
    await expect(message).toHaveCount(1);
    expect((await message.textContent())?.match(/长/g)).toHaveLength(8999);
    for (const [page, said, file, send] of [
      [
        staff.page,
        zh("{excess} characters too many for one message.", "2,000"),
        zh("Send as a file"),
        zh("Send"),
      ],
      [reader.page, "2,000 characters too many for one message.", "Send as a file", "Send"],
    ] as const) {
      const box = page.locator("textarea");
      const longer = "长".repeat(12_000);
      await paste(page, { text: longer });
      await expect(page.getByRole("alert").filter({ hasText: said })).toBeVisible();
      await expect(box).toHaveValue(longer);
      await expect(page.getByRole("button", { name: send, exact: true })).toBeDisabled();
      await page.getByRole("button", { name: file }).click();
      await expect(page.locator("[data-upload=done]", { hasText: ".txt" })).toBeVisible();
      await expect(box).toHaveValue("");
      await page.locator("[data-upload]").getByRole("button").click();
      await expect(page.locator("[data-upload]")).toHaveCount(0);

      const cells = "姓名\t城市\n王伟\t曼谷";
      const html = "<table><tr><td>姓名<td>城市<tr><td>王伟<td>曼谷</table>";
      await paste(page, { text: cells, html, picture: true });
      await expect(box).toHaveValue(cells);
      await expect(page.locator("[data-upload]")).toHaveCount(0);
      await box.fill("");
    }
  });
  line.close();
});

test("one box finds everything, from one character and from initials", async ({ browser }) => {
  const staff = await seat(browser, xuzhou);
  const reader = await seat(browser, { ...berlin, width: 390, height: 844 });
  await signIn(staff.page, "linyue");
  await signIn(reader.page, "dashi05");
  const { page } = staff;
  const room = await ambassadors(page);
  await page.goto(`/rooms/${room}`);
  await expect(page.getByRole("log")).toBeVisible();
  await page.locator("textarea").fill("歸僑聯誼活動的名單在這裡");
  await page.locator("textarea").press("Enter");
  await expect(page.locator("[data-draft]")).toHaveCount(0);
  await page.goto("/meetings");
  await expect(page.getByRole("heading").first()).toBeVisible();
  const field = page.getByRole("combobox", { name: zh("Search everything") });
  const options = page.getByRole("option");

  await test.step("somebody by initials, without touching the mouse", async () => {
    await page.keyboard.press("Control+k");
    await expect(field).toBeFocused();
    await accessible(page);
    await page.keyboard.type("xcy");
    await expect(options.filter({ hasText: "徐崇宇" })).toBeVisible();
    await accessible(page);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/contacts\/[0-9a-f-]{36}$/);
    await expect(page.getByRole("heading", { name: "徐崇宇" })).toBeVisible();
  });

  await test.step("a message by one character, traditional and simplified alike, in its place", async () => {
    await page.keyboard.press("Control+k");
    await field.fill("侨");
    const hit = options.filter({ hasText: "歸僑聯誼活動的名單在這裡" });
    await expect(hit.locator("mark")).toHaveText("僑");
    await hit.click();
    await expect(page).toHaveURL(new RegExp(`/rooms/${room}\\?at=\\d+$`));
    await expect(page.getByRole("log").getByText("歸僑聯誼活動的名單在這裡")).toBeInViewport();
  });

  await test.step("composing never chooses", async () => {
    await page.keyboard.press("Control+k");
    const ime = await staff.context.newCDPSession(page);
    await ime.send("Input.imeSetComposition", { text: "qiao", selectionStart: 4, selectionEnd: 4 });
    await ime.send("Input.dispatchKeyEvent", {
      type: "keyDown",
      key: "Enter",
      code: "Enter",
      windowsVirtualKeyCode: 229,
    });
    await expect(field).toHaveValue("qiao");
    await ime.send("Input.insertText", { text: "侨" });
    await expect(field).toHaveValue("侨");
    await expect(options.filter({ hasText: "歸僑聯誼活動" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(field).toHaveCount(0);
  });

  await test.step("all results, narrowed by who and where", async () => {
    await page.keyboard.press("Control+k");
    await field.fill("名单");
    await options.filter({ hasText: "全部结果" }).click();
    await expect(page).toHaveURL(/\/search\?q=/);
    await expect(page.getByText("歸僑聯誼活動的")).toBeVisible();
    await page.getByLabel(zh("Who"), { exact: true }).selectOption({ label: "王静" });
    await expect(page.getByText("歸僑聯誼活動的")).toHaveCount(0);
    await page.getByLabel(zh("Who"), { exact: true }).selectOption({ label: "林悦" });
    await expect(page.getByText("歸僑聯誼活動的")).toBeVisible();
    await page.getByRole("button", { name: zh("Files"), exact: true }).click();
    await expect(page.getByText("歸僑聯誼活動的")).toHaveCount(0);
  });

  await test.step("in English, on a phone, without what one may not read", async () => {
    const phone = reader.page;
    await phone.getByRole("button", { name: "More" }).click();
    await phone.getByRole("menuitem", { name: "Search" }).click();
    const box = phone.getByRole("combobox", { name: "Search everything" });
    await box.fill("xcy");
    await expect(phone.getByRole("option").filter({ hasText: "All results for “xcy”" })).toBeVisible();
    await expect(phone.getByText("徐崇宇")).toHaveCount(0); // contacts are not for ambassadors
    await box.fill("归侨联谊");
    await phone.getByRole("option").filter({ hasText: "歸僑聯誼" }).click();
    await expect(phone.getByRole("log").getByText("歸僑聯誼活動的名單在這裡")).toBeInViewport();
    await accessible(phone);
  });
});

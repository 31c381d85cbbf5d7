import { execFileSync } from "node:child_process";
import { expect } from "@playwright/test";
import { arranged } from "./meetings";
import { berlin, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

test("a chat goes out as an archive and comes in again; a person's data goes for good", async ({
  browser,
}) => {
  const staff = await seat(browser, xuzhou);
  const admin = await seat(browser, xuzhou);
  const leaving = await seat(browser, berlin);
  await signIn(staff.page, "linyue", xuzhou);
  await signIn(admin.page, "admin", xuzhou);
  await signIn(leaving.page, "dashi30", berlin);
  const title = "归档测试群";
  const people: { id: string; user_name: string; name: string }[] = await (
    await staff.page.request.get("/api/accounts")
  ).json();
  const gone = people.find((p) => p.user_name === "dashi30");
  const made = await staff.page.request.post("/api/rooms", {
    headers: { origin: new URL(staff.page.url()).origin },
    data: { title, members: [gone?.id] },
  });
  const { id: room }: { id: string } = await made.json();
  const write = async (page: typeof staff.page, text: string) => {
    await page.goto(`/rooms/${room}`);
    await page.locator("textarea").first().fill(text);
    await page.keyboard.press("Enter");
    await expect(page.locator("[data-message]", { hasText: text.replaceAll("*", "") })).toBeVisible();
  };
  await write(staff.page, "请看 **重点**");
  await write(leaving.page, "我的联系方式");

  const archive = await test.step("its manager exports it", async () => {
    await staff.page.getByRole("button", { name: /^成员/ }).click();
    const exporting = staff.page.getByRole("button", { name: zh("Export the history") });
    const refused = { status: 429, json: { code: "export_running" } };
    await staff.page.route("**/export/check", (route) => route.fulfill(refused), { times: 1 });
    await exporting.click();
    const words = zh("An export of yours is still running. Please wait until it has been downloaded.");
    await expect(staff.page.getByText(words)).toBeVisible();
    const download = staff.page.waitForEvent("download");
    await exporting.click();
    const file = await (await download).path();
    const page = execFileSync("unzip", ["-p", file, "history.html"], { encoding: "utf8" });
    expect(page).toContain("<strong>重点</strong>");
    expect(page).toContain("我的联系方式");
    return file;
  });

  await test.step("an administrator brings it in as another group", async () => {
    await admin.page.goto("/settings");
    await admin.page.getByRole("link", { name: zh("Data") }).click();
    await admin.page.getByLabel(zh("Archive of a chat")).setInputFiles(archive);
    await admin.page.waitForURL(/\/rooms\//);
    await expect(admin.page.getByRole("heading", { name: title })).toBeVisible();
    await expect(admin.page.locator("[data-message]", { hasText: "我的联系方式" })).toBeVisible();
  });

  await test.step("a rule that removes asks first", async () => {
    await admin.page.goto("/records");
    await admin.page.getByLabel(zh("Meeting chats")).selectOption({ label: zh("10 years") });
    await admin.page.getByRole("button", { name: zh("Remove"), exact: true }).click();
    await admin.page.reload();
    await expect(admin.page.getByLabel(zh("Meeting chats"))).toHaveValue("3650");
  });

  await test.step("a person's data is erased, and the others see that", async () => {
    await admin.page.getByRole("button", { name: zh("Erase a person's data") }).click();
    const dialog = admin.page.getByRole("dialog");
    await dialog.getByLabel(zh("Whose")).fill("dashi30");
    await dialog.getByRole("button", { name: gone?.name ?? "" }).click();
    await dialog.getByLabel(zh("Why")).fill("本人书面要求");
    await expect(dialog.getByRole("button", { name: zh("Erase for good") })).toBeDisabled();
    await dialog.getByLabel(zh("Type {0} to confirm", "dashi30")).fill("dashi30");
    await dialog.getByRole("button", { name: zh("Erase for good") }).click();
    await expect(admin.page.getByText(zh("Erased"), { exact: true })).toBeVisible();
    await expect(admin.page.getByText(zh("the audit log"))).toBeVisible();
    await staff.page.keyboard.press("Escape");
    await expect(staff.page.getByText(zh("A message was erased with its author's data"))).toBeVisible();
    await expect(staff.page.getByText("我的联系方式")).toHaveCount(0);
    await expect(leaving.page).toHaveURL(/signin/);
  });
});

test("a guest's data is erased by whoever administers the house", async ({ browser }) => {
  const staff = (await seat(browser, xuzhou)).page;
  const admin = (await seat(browser, xuzhou)).page;
  await signIn(staff, "linyue", xuzhou);
  await signIn(admin, "admin", xuzhou);
  const name = "Dr. Edda Thorvaldsen";
  await arranged(staff, { title: "海外专家座谈", guest: name });
  const search = zh("Accounts, and guests of meetings; by name or address");
  await admin.goto("/records");
  await admin.getByRole("button", { name: zh("Erase a person's data") }).click();
  const dialog = admin.getByRole("dialog");
  await expect(dialog.getByText(search)).toBeVisible();
  await dialog.getByLabel(zh("Whose")).fill("thorvaldsen");
  await dialog.getByRole("button", { name }).click();
  await dialog.getByLabel(zh("Why")).fill("本人书面要求");
  await dialog.getByLabel(zh("Type {0} to confirm", name)).fill(name);
  await dialog.getByRole("button", { name: zh("Erase for good") }).click();
  await expect(dialog).toHaveCount(0);
  await expect(admin.getByText(zh("Erased"), { exact: true }).first()).toBeVisible();
  await admin.getByRole("button", { name: zh("Erase a person's data") }).click();
  await dialog.getByLabel(zh("Whose")).fill("thorvaldsen");
  await expect(dialog.getByText(zh("Nobody found"))).toBeVisible();
});

import { type Browser, type BrowserContext, expect, type Locator, type Page } from "@playwright/test";
import { berlin, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** Staff in Xuzhou writes Chinese; the station in Berlin reads English. */
async function two(browser: Browser): Promise<{ staff: Page; station: Page; contexts: BrowserContext[] }> {
  const a = await seat(browser, xuzhou);
  const b = await seat(browser, berlin);
  await signIn(a.page, "linyue", xuzhou);
  await signIn(b.page, "berlin", berlin);
  return { staff: a.page, station: b.page, contexts: [a.context, b.context] };
}

/** Makes a chat with the station through the form, and returns its path. */
async function makeChat(staff: Page, title: string, announcing: boolean): Promise<string> {
  await staff.goto("/rooms");
  await staff.getByRole("button", { name: zh("New chat") }).click();
  const dialog = staff.getByRole("dialog");
  if (announcing) await dialog.getByText(zh("For announcements: only managers write")).click();
  for (const user of announcing ? ["berlin"] : ["berlin", "dashi01"]) {
    await dialog.getByLabel(zh("Search people")).fill(user);
    await dialog
      .getByRole("list", { name: zh("People") })
      .getByRole("button")
      .first()
      .click();
  }
  await dialog.getByLabel(zh("Name of the group")).fill(title);
  await dialog.getByLabel(zh("Name in English")).fill(`${title} in English`);
  const make = announcing ? zh("Make announcement chat") : zh("Make group");
  await dialog.getByRole("button", { name: make }).click();
  await staff.waitForURL(/\/rooms\/[0-9a-f-]{36}$/);
  return new URL(staff.url()).pathname;
}

const box = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const message = (page: Page, text: string | RegExp) =>
  page.locator("[data-message]").filter({ hasText: text });

/** Chooses from a message's menu. */
async function choose(row: Locator, more: string, entry: string): Promise<void> {
  await row.hover();
  await row.getByRole("button", { name: more, exact: true }).click();
  await row.page().getByRole("menuitem", { name: entry, exact: true }).click();
}

test("a notice in two languages is confirmed, pinned and forwarded", async ({ browser }) => {
  const { staff, station, contexts } = await two(browser);
  const path = await makeChat(staff, "通知", true);
  await station.goto(path);

  await test.step("members are told why they cannot write", async () => {
    await expect(station.getByRole("heading", { name: "通知 in English" })).toBeVisible();
    await expect(station.getByText("Only managers of this chat can post.")).toBeVisible();
    await expect(station.getByRole("textbox", { name: "Message", exact: true })).toHaveCount(0);
  });

  await test.step("both languages, the reader's first, times by the reader's clock", async () => {
    await box(staff, zh("Message in Chinese")).fill("**重要：**会议时间 <time:2027-01-15T16:00+08:00>");
    await box(staff, zh("Message in English")).fill(
      "**Important:** we meet at <time:2027-01-15T16:00+08:00>",
    );
    await staff.getByRole("button", { name: zh("Add"), exact: true }).click();
    await staff.getByRole("menuitem", { name: zh("Ask for confirmation") }).click();
    await expect(staff.getByText(zh("Everybody is asked to confirm"))).toBeVisible();
    await box(staff, zh("Message in Chinese")).press("Enter");
    const row = message(station, "Important:");
    await expect(row.locator("strong").first()).toHaveText("Important:");
    await expect(row.locator("time[datetime='2027-01-15T08:00:00.000Z']").first()).toContainText("09:00");
    await expect(row.locator("time[datetime='2027-01-15T08:00:00.000Z']").first()).toContainText("UTC+1");
    await expect(message(staff, "重要：").locator("time[datetime^='2027-01-15T08']").first()).toContainText(
      "16:00",
    );
  });

  await test.step("the read list says who has read and who has confirmed", async () => {
    await staff.getByRole("button", { name: zh("{confirmed} of {0} confirmed", "0", "1") }).click();
    const list = staff.getByRole("dialog");
    await expect(list.getByRole("region", { name: zh("Read, not confirmed ({0})", "1") })).toBeVisible();
    await expect(list.getByText(/柏林海外/)).toBeVisible();
    const remind = list.getByRole("button", { name: zh("Remind those who have not confirmed") });
    await remind.click();
    // Whether it is night in Berlin depends on when the test runs.
    await expect(list.getByText(/1 人中有 1 人已读，0 人已确认。已提醒 1 人。/)).toBeVisible();
    await expect(list.getByText(/^上次提醒：/)).toBeVisible();
    await remind.click();
    await expect(list.getByText(/刚刚提醒过，5 分钟后可以再次提醒。/)).toBeVisible();
    await station.getByRole("button", { name: "Confirm that I have read it" }).click();
    await expect(station.getByText("You have confirmed this")).toBeVisible();
    await expect(list.getByRole("region", { name: zh("Confirmed ({0})", "1") })).toBeVisible();
    // The button in focus is gone, now that there is nobody to remind: the first Escape may find no
    // focus yet, or close the tip of the button that has it.
    await expect(async () => {
      await staff.keyboard.press("Escape");
      await expect(list).toBeHidden({ timeout: 1000 });
    }).toPass();
    await expect(
      staff.getByRole("button", { name: zh("{confirmed} of {0} confirmed", "1", "1") }),
    ).toBeVisible();
  });

  await test.step("what is pinned stays in sight of everybody", async () => {
    await choose(message(staff, "重要："), zh("More"), zh("Pin"));
    const pinned = station.getByRole("button", { name: /^Pinned: .*Important: we meet at Fri/ });
    await expect(pinned).toBeVisible();
    await pinned.click();
    await expect(station.locator("[data-marked]")).toContainText("Important:");
    await station.reload();
    await expect(pinned).toBeVisible();
  });

  await test.step("forwarded, it keeps its author and its languages", async () => {
    const other = await makeChat(staff, "转发处", false);
    await staff.goto(path);
    await choose(message(staff, "重要："), zh("More"), zh("Forward"));
    await staff.getByRole("dialog").getByLabel(zh("Search chats")).fill("转发处");
    await staff.getByRole("dialog").getByRole("button", { name: "转发处" }).click();
    await staff
      .getByRole("dialog")
      .getByRole("button", { name: zh("Forward"), exact: true })
      .click();
    await station.goto(other);
    await expect(message(station, "Forwarded from 林悦")).toContainText("Important:");
  });
  for (const context of contexts) await context.close();
});

test("a conversation: topics, editing, mentions, sending later", async ({ browser }) => {
  const { staff, station, contexts } = await two(browser);
  const path = await makeChat(staff, "讨论", false);
  await station.goto(path);
  const write = box(staff, zh("Message"));

  await test.step("the Enter of an input method sends nothing", async () => {
    const devtools = await staff.context().newCDPSession(staff);
    await write.click();
    await devtools.send("Input.imeSetComposition", { text: "ni hao", selectionStart: 6, selectionEnd: 6 });
    const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 };
    await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enter });
    await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
    await devtools.send("Input.insertText", { text: "你好" });
    await expect(write).toHaveValue("你好");
    await expect(staff.locator("[data-message], [data-draft]")).toHaveCount(0);
    await write.press("Enter");
    await expect(message(station, "你好")).toBeVisible();
    await expect(message(station, /./)).toHaveCount(1);
  });

  await test.step("the author sees who has read it", async () => {
    await expect(staff.locator("[data-read-by='1']")).toBeVisible();
  });

  await test.step("↑ changes the last message, and what it said stays to be seen", async () => {
    await write.press("ArrowUp");
    const editor = box(staff, zh("Change the message"));
    await expect(editor).toBeFocused();
    await editor.fill("大家好");
    await editor.press("Enter");
    const row = message(station, "大家好");
    await row.getByRole("button", { name: /^edited / }).click();
    await expect(station.getByRole("dialog").getByText("你好", { exact: true })).toBeVisible();
    await station.keyboard.press("Escape");
  });

  await test.step("a topic of its own", async () => {
    await staff.getByRole("button", { name: zh("Add"), exact: true }).click();
    await staff.getByRole("menuitem", { name: zh("A topic"), exact: true }).click();
    await staff.getByRole("dialog").getByLabel(zh("Name of the topic")).fill("春季招聘");
    await staff.keyboard.press("Enter");
    await expect(staff.getByText(zh("Topic: {0}", "春季招聘"))).toBeVisible();
    await write.fill("展位已经订好");
    await write.press("Enter");
    await station.getByRole("button", { name: "Topics", exact: true }).click();
    await station
      .getByRole("dialog")
      .getByRole("button", { name: /春季招聘.*1 message/ })
      .click();
    await expect(message(station, "展位已经订好")).toBeVisible();
    await expect(message(station, "大家好")).toHaveCount(0);
    await box(station, "Message").fill("Thank you, *booth 12*?");
    await box(station, "Message").press("Enter");
    await expect(message(staff, "Thank you, booth 12?").getByText("春季招聘")).toBeVisible();
    await station.getByRole("button", { name: "Show everything" }).click();
    await expect(message(station, "大家好")).toBeVisible();
  });

  await test.step("mentions of everybody reach who is elsewhere", async () => {
    await station.goto("/rooms");
    await write.pressSequentially("@所有");
    await expect(staff.getByRole("option", { name: "所有人" })).toBeVisible();
    await write.press("Enter");
    await write.pressSequentially("请看");
    await write.press("Enter");
    const entry = station
      .getByRole("navigation", { name: "Chats" })
      .getByRole("link", { name: /讨论 in English/ });
    await expect(entry.getByRole("img", { name: "1 mention you" })).toBeVisible();
    await entry.click();
    await expect(message(station, "@所有人 请看")).toBeVisible();
  });

  await test.step("what is being written waits for one's return", async () => {
    await write.fill("还没写完");
    await staff.reload();
    await expect(write).toHaveValue("还没写完");
  });

  await test.step("sent later, or sooner after all", async () => {
    await staff.getByRole("button", { name: zh("Add"), exact: true }).click();
    await staff.getByRole("menuitem", { name: zh("Send later") }).click();
    await staff.getByRole("button", { name: zh("In one hour") }).click();
    await staff.getByRole("button", { name: zh("Send then") }).click();
    await expect(write).toHaveValue("");
    await staff.getByRole("button", { name: /1 条消息等待定时发送/ }).click();
    const waiting = staff.getByRole("dialog");
    await expect(waiting.getByText("还没写完")).toBeVisible();
    await expect(message(station, "还没写完")).toHaveCount(0);
    await waiting.getByRole("button", { name: zh("Change"), exact: true }).click();
    await waiting.getByLabel(zh("Message"), { exact: true }).fill("写完了");
    await waiting.getByRole("button", { name: zh("Save"), exact: true }).click();
    await waiting.getByRole("button", { name: zh("Send now") }).click();
    await expect(message(station, "写完了")).toBeVisible();
    await expect(waiting.getByText(zh("Nothing waits to be sent"))).toBeVisible({ timeout: 30_000 });
    await staff.keyboard.press("Escape");
  });

  await test.step("an archived chat is read, and brought back", async () => {
    await staff.getByRole("button", { name: zh("Members ({0})", "3"), exact: true }).click();
    await staff.getByRole("button", { name: zh("Archive"), exact: true }).click();
    await staff
      .getByRole("dialog")
      .last()
      .getByRole("button", { name: zh("Archive"), exact: true })
      .click();
    await expect(staff.getByText(zh("This chat is archived: it is only read."))).toBeVisible();
    await expect(station.getByText("This chat is archived: it is only read.")).toBeVisible();
    await staff.getByRole("button", { name: zh("Members ({0})", "3"), exact: true }).click();
    await staff.getByRole("button", { name: zh("Bring back from the archive") }).click();
    await expect(write).toBeVisible();
  });
  for (const context of contexts) await context.close();
});

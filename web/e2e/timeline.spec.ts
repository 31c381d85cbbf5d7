import { expect, type Page } from "@playwright/test";
import { berlin, network, seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** The demonstration's group of the ambassadors. */
async function ambassadors(page: Page): Promise<string> {
  const rooms: { id: string; title: string }[] = await (await page.request.get("/api/rooms")).json();
  const group = rooms.find((r) => r.title.includes("大使"));
  if (!group) throw new Error("no group of ambassadors");
  return group.id;
}

/** Posts many messages over a socket of the page's own, as fast as the node lets one. */
async function postMany(page: Page, room: string, from: number, to: number): Promise<void> {
  await page.evaluate(
    async ({ room, from, to }) => {
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/socket`);
      const answered = (re: string) =>
        new Promise<void>((resolve) => {
          const listen = (event: MessageEvent) => {
            if (JSON.parse(event.data).re !== re) return;
            socket.removeEventListener("message", listen);
            resolve();
          };
          socket.addEventListener("message", listen);
        });
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      const ask = (id: string, type: string, body: object) => {
        const answer = answered(id);
        socket.send(JSON.stringify({ type, id, body }));
        return answer;
      };
      await ask("hello", "hello", { version: 4, as: "account" });
      for (let i = from; i <= to; i++) {
        const text = `第 ${i} 条：关于春季招聘的通知，请各位大使留意。`;
        await ask(String(i), "post", { room, client_id: `many-${i}`, text, mentions: [] });
        await new Promise((resolve) => setTimeout(resolve, 34)); // the node takes 30 a second
      }
      socket.close();
    },
    { room, from, to },
  );
}

/** The messages in sight, with how far each is below the top of the list. */
function inSight(page: Page): Promise<{ text: string; top: number }[]> {
  return page.getByRole("log").evaluate((list) => {
    const box = list.getBoundingClientRect();
    return [...list.querySelectorAll("[data-message]")]
      .map((m) => ({ text: m.textContent ?? "", box: m.getBoundingClientRect() }))
      .filter((m) => m.box.bottom > box.top + 4 && m.box.top < box.bottom - 4)
      .map((m) => ({ text: m.text, top: Math.round(m.box.top - box.top) }));
  });
}

/** Turns the wheel over the list, and waits until what came of it is drawn. */
async function wheel(page: Page, by: number): Promise<void> {
  await page.mouse.move(800, 350);
  await page.mouse.wheel(0, by);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const number = (text: string) => Number(/第 (\d+) 条/.exec(text)?.[1] ?? 0);

test("a long history opens at the first unread message and never jumps", async ({ browser }) => {
  const staff = await seat(browser, xuzhou);
  const reader = await seat(browser, { ...berlin, height: 700 });
  await signIn(staff.page, "linyue", xuzhou);
  const room = await ambassadors(staff.page);
  await signIn(reader.page, "dashi11");
  await reader.page.goto(`/rooms/${room}`);
  const end = reader.page.getByRole("button", { name: zh("To the newest") });
  await expect(reader.page.getByRole("log")).toBeVisible();
  await end.click(); // what the demonstration says is read now
  await expect(end).toHaveCount(0);
  await reader.page.goto("/");
  await postMany(staff.page, room, 1, 170);

  await test.step("where reading stopped", async () => {
    await reader.page.goto(`/rooms/${room}`);
    await expect(reader.page.getByText(zh("New messages"), { exact: true })).toBeInViewport();
    await expect(reader.page.getByText(/^第 1 条/)).toBeInViewport();
    await expect(reader.page.getByText(/^第 170 条/)).toHaveCount(0);
    await expect(end).toBeVisible();
  });

  await test.step("what comes meanwhile moves nothing", async () => {
    const before = await inSight(reader.page);
    await postMany(staff.page, room, 171, 172);
    await expect(
      reader.page
        .getByRole("navigation")
        .getByText(/^1[67]\d$|^99\+$/)
        .first(),
    ).toBeVisible();
    expect(await inSight(reader.page)).toEqual(before);
  });

  await test.step("reading on shows every message once, in order", async () => {
    const seen: number[] = [];
    for (let i = 0; i < 120 && seen.at(-1) !== 172; i++) {
      for (const { text } of await inSight(reader.page)) {
        const n = number(text);
        if (n > (seen.at(-1) ?? 0)) seen.push(n);
      }
      await wheel(reader.page, 300);
    }
    expect(seen).toEqual(Array.from({ length: 172 }, (_, i) => i + 1));
    await expect(end).toHaveCount(0);
  });

  await test.step("older pages come in front of what is seen", async () => {
    await reader.page.goto(`/rooms/${room}`);
    await expect(reader.page.getByText(/^第 172 条/)).toBeInViewport();
    let last = number((await inSight(reader.page))[0]?.text ?? "");
    for (let i = 0; i < 120 && last > 20; i++) {
      await wheel(reader.page, -300);
      const numbers = (await inSight(reader.page)).map((m) => number(m.text)).filter((n) => n > 0);
      const first = numbers[0] ?? last;
      expect(first, "scrolling up by a bit moves by a bit").toBeGreaterThan(last - 12);
      expect(numbers).toEqual(numbers.map((_, k) => first + k));
      last = first;
    }
    expect(last).toBeLessThanOrEqual(20);
    await end.click();
    await expect(reader.page.getByText(/^第 172 条/)).toBeInViewport();
  });

  await test.step("a link leads to a message in its place", async () => {
    const events = await reader.page.request.get(`/api/rooms/${room}`);
    const { seq }: { seq: number } = await events.json();
    await reader.page.goto(`/rooms/${room}?at=${seq - 100}`);
    await expect(reader.page.locator("[data-marked]")).toContainText("第 72 条");
    await expect(reader.page.getByText(/^第 72 条/)).toBeInViewport();
  });
});

test("what is written without a connection outlives the page and arrives once", async ({ browser }) => {
  const staff = await seat(browser, xuzhou);
  const other = await seat(browser, berlin);
  const lost = await network(staff.page);
  await signIn(staff.page, "linyue", xuzhou);
  await signIn(other.page, "dashi11");
  const room = await ambassadors(staff.page);
  await other.page.goto(`/rooms/${room}`);
  await staff.page.goto(`/rooms/${room}`);
  const box = staff.page.getByRole("textbox", { name: zh("Message"), exact: true });
  const tag = Date.now();
  const before = `断网之前 ${tag}`;
  const written = [`离线第一句 ${tag}`, `离线第二句 ${tag}`];
  const all = new RegExp(`^离线第.句 ${tag}$`);
  // A room opens at its first unread message; whoever has read everything has no such button.
  const newest = other.page.getByRole("button", { name: zh("To the newest") });
  await newest.click({ timeout: 5000 }).catch(() => undefined);
  await box.fill(before);
  await staff.page.keyboard.press("Enter");
  await expect(other.page.getByText(before, { exact: true })).toBeVisible();
  // Others may hear of it before its author's own answer is there.
  await expect(staff.page.locator("[data-draft]")).toHaveCount(0);

  await lost.cut();
  await expect(
    staff.page.getByText(zh("No connection. What you write is kept and sent when it is back.")),
  ).toBeVisible();
  for (const text of written) {
    await box.fill(text);
    await staff.page.keyboard.press("Enter");
  }
  await expect(staff.page.locator("[data-draft=sending]")).toHaveCount(2);
  await staff.page.reload();
  await expect(staff.page.locator("[data-draft=sending]")).toContainText(written);
  await expect(other.page.getByText(all)).toHaveCount(0);

  lost.mend();
  await expect(other.page.getByText(all)).toHaveText(written);
  await expect(staff.page.locator("[data-draft]")).toHaveCount(0);
  await expect(staff.page.getByText(all)).toHaveText(written);
});

import { expect, type Worker } from "@playwright/test";
import { seat, signIn, test, xuzhou } from "./people";
import { zh } from "./words";

/** What the service worker shows, as the system would. */
const shown = (worker: Worker) =>
  worker.evaluate(async () => {
    const self = globalThis as unknown as { registration: ServiceWorkerRegistration };
    const notes = await self.registration.getNotifications();
    return notes.map((n) => ({ title: n.title, body: n.body, tag: n.tag, path: n.data.path as string }));
  });

test("what is pushed is shown while no page is open, and only then", async ({ browser, baseURL }) => {
  const { page, context } = await seat(browser, xuzhou);
  await context.grantPermissions(["notifications"]);
  await signIn(page, "linyue");
  await page.goto("/settings");
  await expect(page.getByText(zh("Notify me in this browser, also when the page is closed"))).toBeVisible();
  const started = context.waitForEvent("serviceworker");
  const cdp = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const found = registrations.find((r) => r.scopeURL.startsWith(baseURL ?? ""));
      if (found) resolve(found.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/push.js");
    await navigator.serviceWorker.ready;
  });
  const worker = await started;
  const push = async (data: string) =>
    cdp.send("ServiceWorker.deliverPushMessage", {
      origin: baseURL ?? "",
      registrationId: await registered,
      data,
    });
  const call = { title: "来电", body: "林悦", tag: "room", path: "/rooms/1" };
  await push(JSON.stringify({ ...call, tag: "seen" }));
  await page.goto("about:blank");
  await push(JSON.stringify(call));
  await expect.poll(() => shown(worker)).toEqual([call]);
  // What cannot be read, and what leads elsewhere, is shown without harm.
  await push("not JSON");
  await push(JSON.stringify({ title: "x", tag: "room", path: "https://evil.example/" }));
  await expect
    .poll(async () => (await shown(worker)).map((n) => [n.title, n.path]).sort())
    .toEqual([
      ["x", "/"],
      ["云侨 Yunqiao", "/"],
    ]);
  await context.close();
});

test("a browser that renews its subscription is still pushed to", async ({ browser }) => {
  const { page, context } = await seat(browser, xuzhou);
  await signIn(page, "linyue");
  await page.goto("/settings");
  const started = context.waitForEvent("serviceworker");
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/push.js");
    await navigator.serviceWorker.ready;
  });
  const worker = await started;
  const known = () =>
    page.evaluate(async () => {
      const answer = await fetch("/api/notices/push");
      const { subscriptions } = (await answer.json()) as { subscriptions: { current: boolean }[] };
      return subscriptions.filter((s) => s.current).length;
    });
  const before = await known();
  // This browser has no push service: what one would give is handed over in the event, as browsers do.
  await worker.evaluate(async () => {
    const keys = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
    const text = (bytes: Uint8Array) =>
      btoa(String.fromCharCode(...bytes))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");
    const made = {
      endpoint: "https://push.example.org/renewed",
      keys: { p256dh: text(raw), auth: text(crypto.getRandomValues(new Uint8Array(16))) },
    };
    const { ExtendableEvent } = globalThis as unknown as { ExtendableEvent: typeof Event };
    const event = new ExtendableEvent("pushsubscriptionchange");
    Object.assign(event, { newSubscription: { toJSON: () => made } });
    globalThis.dispatchEvent(event);
  });
  await expect.poll(known).toBe(before + 1);
  await context.close();
});

import { afterEach, expect, it, vi } from "vitest";
import { keepPush, startPush } from "./push";

const oldKey = "AAAA";
const newKey = "BBBB";

/** A browser's push manager, as the Push API says it behaves: one subscription, under one key. */
function browser(made?: string) {
  let key = made;
  const subscription = () =>
    key && {
      endpoint: `https://push.example.org/${key}`,
      options: { applicationServerKey: Uint8Array.from(atob(key), (c) => c.charCodeAt(0)).buffer },
      toJSON: () => ({ keys: { p256dh: "p", auth: "a" } }),
      unsubscribe: () => {
        key = undefined;
        return Promise.resolve(true);
      },
    };
  const pushManager = {
    getSubscription: () => Promise.resolve(subscription() ?? null),
    subscribe: ({ applicationServerKey }: { applicationServerKey: string }) => {
      if (key && key !== applicationServerKey) {
        return Promise.reject(new DOMException("another key", "InvalidStateError"));
      }
      key = applicationServerKey;
      return Promise.resolve(subscription());
    },
  };
  const worker = { pushManager };
  vi.stubGlobal("window", { PushManager: true, Notification: true });
  vi.stubGlobal("Notification", {
    permission: "granted",
    requestPermission: () => Promise.resolve("granted"),
  });
  vi.stubGlobal("navigator", {
    serviceWorker: { register: () => worker, ready: worker, getRegistration: () => Promise.resolve(worker) },
  });
}

/** A hub that answers and keeps what it is told. */
function hub(current: boolean) {
  const told: string[] = [];
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    if (init.method === "POST") told.push(JSON.parse(String(init.body)).endpoint);
    const subscriptions = current ? [{ id: "1", device: "", current: true, created_at: "" }] : [];
    const body = init.method === "POST" ? "" : JSON.stringify({ public_key: newKey, subscriptions });
    return Promise.resolve(new Response(body || null, { status: body ? 200 : 204 }));
  });
  return told;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

it("subscribes under the hub's key, also where the hub had another before", async () => {
  for (const before of [undefined, oldKey, newKey]) {
    browser(before);
    const told = hub(false);
    expect(await startPush(newKey)).toBeUndefined();
    expect(told).toEqual([`https://push.example.org/${newKey}`]);
  }
});

it("tells the hub of a browser that it has lost, or that has an old key", async () => {
  const cases = [
    { before: newKey, current: false, told: 1 },
    { before: oldKey, current: true, told: 1 },
    { before: newKey, current: true, told: 0 },
    { before: undefined, current: false, told: 0 },
  ];
  for (const c of cases) {
    browser(c.before);
    const told = hub(c.current);
    await keepPush();
    expect(told).toHaveLength(c.told);
  }
});

import { call } from "../api/client";
import type { PushBrowsers } from "../api/types";

/** Whether this browser can be pushed to, and is. */
export type PushState = "unsupported" | "denied" | "off" | "on";

/** What stands in the way of pushing to this browser, in a word. */
export type PushFailure = "denied" | "unreachable";

function supported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

async function subscription(): Promise<PushSubscription | null> {
  const worker = await navigator.serviceWorker.getRegistration("/push.js");
  return worker ? worker.pushManager.getSubscription() : null;
}

/** How it stands with this browser. */
export async function pushState(): Promise<PushState> {
  if (!supported()) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return (await subscription()) ? "on" : "off";
}

/** Subscribes this browser, after the person has allowed it. Says why when it does not work. */
export async function startPush(publicKey: string): Promise<PushFailure | undefined> {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  const worker = await navigator.serviceWorker.register("/push.js");
  await navigator.serviceWorker.ready;
  try {
    await announce(await subscribe(worker.pushManager, publicKey));
  } catch (error) {
    // The browser's push service: Chrome's cannot be reached everywhere.
    if (error instanceof DOMException) return "unreachable";
    throw error;
  }
  return undefined;
}

/**
 * Tells the hub again of a browser that is pushed to and that it has lost: after a push service has refused it, or
 * since the hub's key is another one. Costs nothing where nobody has asked for pushes.
 */
export async function keepPush(): Promise<void> {
  if (!supported() || Notification.permission !== "granted") return;
  const worker = await navigator.serviceWorker.getRegistration("/push.js");
  const made = await worker?.pushManager.getSubscription();
  if (!worker || !made) return;
  const { public_key, subscriptions } = await call<PushBrowsers>("GET", "/notices/push");
  if (fits(made, public_key) && subscriptions.some((s) => s.current)) return;
  await announce(await subscribe(worker.pushManager, public_key));
}

/** The subscription under a key, in place of one under the key that the hub had before. */
async function subscribe(manager: PushManager, publicKey: string): Promise<PushSubscription> {
  const made = await manager.getSubscription();
  if (made && !fits(made, publicKey)) await made.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

/** Whether a subscription was made under a key, in base64url (RFC 8292 section 4.1). */
function fits(made: PushSubscription, publicKey: string): boolean {
  const key = made.options.applicationServerKey;
  if (!key) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") === publicKey.replace(/=+$/, "");
}

async function announce(made: PushSubscription): Promise<void> {
  const keys = made.toJSON().keys ?? {};
  await call("POST", "/notices/push", {
    endpoint: made.endpoint,
    p256dh: keys.p256dh ?? "",
    auth: keys.auth ?? "",
  });
}

/** Ends pushing to this browser. */
export async function stopPush(browsers: PushBrowsers): Promise<void> {
  await (await subscription())?.unsubscribe();
  const here = browsers.subscriptions.find((s) => s.current);
  if (here) await call("DELETE", `/notices/push/${here.id}`);
}

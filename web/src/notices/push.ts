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
  let made: PushSubscription;
  try {
    made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  } catch {
    return "unreachable"; // the browser's push service: Chrome's cannot be reached everywhere
  }
  const keys = made.toJSON().keys ?? {};
  await call("POST", "/notices/push", {
    endpoint: made.endpoint,
    p256dh: keys.p256dh ?? "",
    auth: keys.auth ?? "",
  });
  return undefined;
}

/** Ends pushing to this browser. */
export async function stopPush(browsers: PushBrowsers): Promise<void> {
  await (await subscription())?.unsubscribe();
  const here = browsers.subscriptions.find((s) => s.current);
  if (here) await call("DELETE", `/notices/push/${here.id}`);
}

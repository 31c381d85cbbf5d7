// The service worker: it shows what is pushed and opens the page on a click.
// It keeps nothing and answers no request of the page.
self.addEventListener("push", (event) => {
  let pushed = {};
  try {
    pushed = event.data ? event.data.json() : {};
  } catch {
    // What cannot be read is shown without words.
  }
  const show = async () => {
    // Who looks at the page sees it there.
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (pages.some((page) => page.visibilityState === "visible")) return;
    await self.registration.showNotification(pushed.title || "云侨 Yunqiao", {
      body: pushed.body || "",
      tag: pushed.tag || "yunqiao",
      renotify: true,
      icon: "/icon.svg",
      data: { path: typeof pushed.path === "string" && pushed.path.startsWith("/") ? pushed.path : "/" },
    });
  };
  event.waitUntil(show());
});

// The browser has renewed its subscription, or ended it: the hub hears of the
// new one, or it would push into the void. Who has signed out since is left alone.
self.addEventListener("pushsubscriptionchange", (event) => {
  const renew = async () => {
    const known = await fetch("/api/notices/push", { credentials: "same-origin" });
    if (!known.ok) return;
    const { public_key: applicationServerKey } = await known.json();
    const options = { userVisibleOnly: true, applicationServerKey };
    const made = event.newSubscription ?? (await self.registration.pushManager.subscribe(options));
    const { endpoint, keys } = made.toJSON();
    await fetch("/api/notices/push", {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth }),
    });
  };
  event.waitUntil(renew());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.path, self.location.origin);
  const open = async () => {
    if (url.origin !== self.location.origin) return;
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    for (const page of pages) {
      // Who is in a meeting is not led out of it.
      if (new URL(page.url).pathname.startsWith("/live/")) continue;
      try {
        await page.focus();
        await page.navigate(url);
        return;
      } catch {
        // A page that was opened before this worker cannot be led by it.
      }
    }
    await self.clients.openWindow(url);
  };
  event.waitUntil(open());
});

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

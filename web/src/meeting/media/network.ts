/** Calls back when the device comes to another network; returns what stops it. */
export function whenNetworkChanges(changed: () => void): () => void {
  // Chromium tells of the kind of network; every browser, of coming back from none.
  const connection = "connection" in navigator ? navigator.connection : undefined;
  const kinds = connection instanceof EventTarget ? connection : undefined;
  let kind = kindOf(kinds);
  const look = () => {
    const now = kindOf(kinds);
    if (now !== kind) changed();
    kind = now;
  };
  globalThis.addEventListener?.("online", changed); // outside of a page there is none
  kinds?.addEventListener("change", look);
  return () => {
    globalThis.removeEventListener?.("online", changed);
    kinds?.removeEventListener("change", look);
  };
}

/** Wi-Fi, cellular …; an estimate of its speed is no other network. */
function kindOf(connection: EventTarget | undefined): unknown {
  return connection ? Reflect.get(connection, "type") : undefined;
}

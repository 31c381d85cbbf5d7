import type { As } from "../wire/messages";
import { createLink, type Link, type Socket } from "./link";

/** The socket's path on the node. */
const path = "/api/socket";

/** Opens the link from a browser page and listens to its hints about the network. */
export function openLink(as: As): Link {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const link = createLink({ as, open: () => new WebSocket(url) as Socket });
  const visible = () => document.visibilityState === "visible" && link.nudge();
  window.addEventListener("online", link.nudge);
  window.addEventListener("offline", link.nudge);
  document.addEventListener("visibilitychange", visible);
  return {
    ...link,
    close: () => {
      window.removeEventListener("online", link.nudge);
      window.removeEventListener("offline", link.nudge);
      document.removeEventListener("visibilitychange", visible);
      link.close();
    },
  };
}

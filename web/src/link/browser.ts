import type { As } from "../wire/messages";
import { createLink, type Link, type Socket } from "./link";

/** The socket's path on the node. */
const path = "/api/socket";

/** Opens the link from a browser page and listens to its hints about the network. */
export function openLink(as: As): Link {
  const link = createLink({ as, open: (node) => new WebSocket(addressOf(node)) as Socket });
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

/** The address of a socket, at a node or at any. */
function addressOf(node: string | undefined): URL {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (node !== undefined) url.searchParams.set("node", node);
  return url;
}

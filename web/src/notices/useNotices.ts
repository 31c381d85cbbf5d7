import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { noticesQuery } from "../app/queries";
import { newestAfter } from "./group";
import { pushState } from "./push";
import { kindWords } from "./words";

/** How many notices are unread; the page's title says so, and what comes while nobody looks is shown by the system. */
export function useNotices(): number {
  const { i18n } = useLingui();
  const { data } = useQuery(noticesQuery);
  const unread = data?.unread ?? 0;
  const known = useRef<number>(undefined);
  useEffect(() => titled(unread), [unread]);
  useEffect(() => {
    if (!data) return;
    const before = known.current;
    known.current = data.items[0]?.id ?? 0;
    const fresh = before === undefined ? undefined : newestAfter(data.items, before);
    if (fresh) void show(i18n._(kindWords[fresh.kind]), fresh.title, fresh.room);
  }, [data, i18n]);
  return unread;
}

/** Puts the number before the page's title, and takes it away again. */
function titled(unread: number): () => void {
  const plain = document.title.replace(/^\(\d+\+?\) /, "");
  document.title = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${plain}` : plain;
  return () => {
    document.title = plain;
  };
}

/** Shows a note of the system while the page is out of sight. Where this browser is pushed to, that is enough. */
async function show(title: string, body: string, room: string | undefined): Promise<void> {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  if ((await pushState()) === "on") return;
  const note = new Notification(title, { body, tag: room ?? title, icon: "/icon.svg" });
  note.onclick = () => {
    window.focus();
    note.close();
  };
}

import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import type { Notice } from "../api/types";
import { noticesQuery } from "../app/queries";
import { useUnreadTitle } from "../app/title";
import { toast } from "../ui/toast";
import { chime } from "../ui/tone";
import { callsInto, newestAfter } from "./group";
import { pushState } from "./push";
import { kindWords } from "./words";

/**
 * How many notices are unread; the page's title says so. What comes while nobody looks is shown by the system, and of
 * meetings the page itself tells, with the way there.
 */
export function useNotices(): number {
  const { i18n } = useLingui();
  const tell = useTell();
  const { data } = useQuery(noticesQuery);
  const unread = data?.unread ?? 0;
  const known = useRef<number>(undefined);
  useUnreadTitle(unread);
  useEffect(() => {
    if (!data) return;
    const before = known.current;
    known.current = data.items[0]?.id ?? 0;
    const fresh =
      before === undefined
        ? data.items.find((n) => !n.read && callsInto(n))
        : newestAfter(data.items, before);
    if (!fresh) return;
    if (fresh.kind.startsWith("meeting_") || fresh.kind === "guest_waits") tell(fresh);
    void show(i18n._(kindWords[fresh.kind]), fresh.title, fresh.room);
  }, [data, i18n, tell]);
  return unread;
}

/** Tells of a meeting on the page; what asks to come now is heard, too, and stays until it is answered. */
function useTell(): (notice: Notice) => void {
  const { t, i18n } = useLingui();
  const navigate = useNavigate();
  return useCallback(
    ({ kind, title, room, meeting }) => {
      const now = callsInto({ kind });
      if (now) chime();
      if (meeting && location.pathname === `/meetings/${meeting}`) return; // where the same stands
      const join = now && room ? () => void navigate({ to: "/live/$room", params: { room } }) : undefined;
      const open = meeting
        ? () => void navigate({ to: "/meetings/$meeting", params: { meeting } })
        : undefined;
      const run = join ?? open;
      toast(`${i18n._(kindWords[kind])} · ${title}`, {
        stay: now,
        ...(run && { action: { label: join ? t`Join` : t`Show`, run } }),
      });
    },
    [t, i18n, navigate],
  );
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

import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { roomsQuery } from "../app/queries";
import { useRooms } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { roomTitle } from "../rooms/titles";
import { Badge } from "../ui/Badge";

/** The chats in which something is unread: what the number beside them counts. */
export function UnreadChats() {
  const { t } = useLingui();
  const rooms = useQuery(roomsQuery);
  const heads = useRooms((s) => s.heads);
  const chats = (rooms.data ?? []).flatMap((room) => {
    const { unread: n = 0, mentions = 0 } = heads[room.id] ?? {};
    return n > 0 ? [{ room, unread: n, mentions }] : [];
  });
  if (chats.length === 0) return null;
  return (
    <section aria-labelledby="unread-chats" className="flex flex-col gap-2">
      <h2 id="unread-chats" className="font-medium text-ink-soft text-sm">{t`Unread chats`}</h2>
      <ul className="flex flex-col divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
        {chats.map(({ room, unread, mentions }) => (
          <li key={room.id}>
            <Link
              to="/rooms/$room"
              params={{ room: room.id }}
              className="flex min-h-14 items-center gap-3 px-4 py-2 hover:bg-sunken"
            >
              <MessagesSquare size={20} className="shrink-0 text-accent" aria-hidden="true" />
              <span className="min-w-0 flex-1 truncate">{roomTitle(room, currentLanguage())}</span>
              {mentions > 0 ? <Badge tone="danger">{t`You were mentioned`}</Badge> : null}
              <Badge>{t`${unread} unread`}</Badge>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

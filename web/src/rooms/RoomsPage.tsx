import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import {
  Archive,
  BellOff,
  CalendarDays,
  MapPin,
  Megaphone,
  MessagesSquare,
  Plus,
  TriangleAlert,
  Users,
  Video,
} from "lucide-react";
import { useMemo, useState } from "react";
import type { Room } from "../api/types";
import { roomsQuery } from "../app/queries";
import { useRooms, useSession, useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { filesInWords } from "../files/words";
import { currentLanguage } from "../i18n/language";
import { clock, shortDay } from "../time/format";
import { sameDay } from "../time/zones";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { cx } from "../ui/cx";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import { Empty, Failed, Loading } from "../ui/states";
import { useOneStop } from "../ui/useOneStop";
import type { Attachment } from "../wire/messages";
import { NewRoom } from "./NewRoom";
import { plain } from "./plain";
import { byNewest, roomTitle } from "./titles";

/** The rooms on the left, one of them on the right; on phones one after the other. */
export function RoomsPage() {
  const { room } = useParams({ strict: false });
  return (
    <div className="flex h-full min-h-0">
      <section
        className={cx(
          "h-full w-full flex-col border-line md:flex md:w-80 md:shrink-0 md:border-r",
          room ? "hidden" : "flex",
        )}
      >
        <RoomList chosen={room} />
      </section>
      <section className={cx("h-full min-w-0 flex-1 flex-col md:flex", room ? "flex" : "hidden")}>
        {room ? <Outlet /> : <ChooseOne />}
      </section>
    </div>
  );
}

function ChooseOne() {
  const { t } = useLingui();
  return (
    <div className="flex flex-1 items-center justify-center">
      <Empty icon={<MessagesSquare size={32} />} title={t`Choose a chat on the left`} />
    </div>
  );
}

function RoomList({ chosen }: { chosen: string | undefined }) {
  const { t } = useLingui();
  usePageTitle(chosen === undefined ? t`Chats` : undefined);
  const rooms = useQuery(roomsQuery);
  const latest = useRooms((s) => s.latest);
  const live = useRooms((s) => s.live);
  const [filter, setFilter] = useState("");
  const [creating, setCreating] = useState(false);
  const oneStop = useOneStop();
  const language = currentLanguage();
  const shown = useMemo(
    () =>
      (rooms.data ?? [])
        .map((room) => {
          const newest = latest[room.id] ?? room.last ?? undefined;
          const inside = live[room.id] ?? room.live_participants;
          return { room, title: roomTitle(room, language), newest, at: newest?.posted_at, live: inside > 0 };
        })
        .filter((r) => r.title.toLowerCase().includes(filter.trim().toLowerCase()))
        .sort(byNewest),
    [rooms.data, latest, live, filter, language],
  );
  return (
    <>
      <header className="flex items-center justify-between gap-2 px-4 pt-4 pb-2">
        <h1 className="font-semibold text-xl">{t`Chats`}</h1>
        <IconButton label={t`New chat`} onPress={() => setCreating(true)}>
          <Plus size={22} />
        </IconButton>
      </header>
      <Field
        label={t`Search chats`}
        hideLabel
        placeholder={t`Search chats`}
        value={filter}
        onChange={setFilter}
        className="px-4 pb-2"
      />
      <nav {...oneStop} aria-label={t`Chats`} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {rooms.isPending ? <Loading /> : null}
        {rooms.isError ? (
          <Failed text={t`The chats could not be loaded.`} onRetry={() => void rooms.refetch()} />
        ) : null}
        {rooms.data && shown.length === 0 ? (
          <Empty title={filter ? t`Nothing found` : t`No chats yet`} />
        ) : (
          <Entries shown={shown.filter((r) => !r.room.archived_at)} chosen={chosen} />
        )}
        <Archived
          shown={shown.filter((r) => r.room.archived_at)}
          chosen={chosen}
          searching={filter.trim() !== ""}
        />
      </nav>
      <NewRoom open={creating} onClose={() => setCreating(false)} />
    </>
  );
}

type Shown = Omit<EntryProps, "chosen">;

function Entries({ shown, chosen }: { shown: readonly Shown[]; chosen: string | undefined }) {
  return (
    <ul>
      {shown.map((r) => (
        <RoomEntry key={r.room.id} {...r} chosen={r.room.id === chosen} />
      ))}
    </ul>
  );
}

interface ArchivedProps {
  shown: readonly Shown[];
  chosen: string | undefined;
  searching: boolean;
}

/** What is over, folded away; open while one of it is looked at, or something is searched for. */
function Archived({ shown, chosen, searching }: ArchivedProps) {
  const { t } = useLingui();
  if (shown.length === 0) return null;
  return (
    <details className="mt-2" open={searching || shown.some((r) => r.room.id === chosen)}>
      <summary className="flex min-h-11 cursor-pointer items-center gap-2 rounded-xl px-2.5 text-ink-soft text-sm hover:bg-sunken">
        <Archive size={16} aria-hidden="true" />
        {t`Archived (${shown.length})`}
      </summary>
      <Entries shown={shown} chosen={chosen} />
    </details>
  );
}

interface EntryProps {
  room: Room;
  title: string;
  newest:
    | {
        author: { id: string; name: string };
        text: string;
        posted_at: string;
        deleted: boolean;
        attachments: readonly Attachment[];
        call?: unknown;
      }
    | undefined;
  live: boolean;
  chosen: boolean;
}

/** The newest message of a room in one line. */
function usePreview(room: Room, newest: EntryProps["newest"]): string {
  const { t, i18n } = useLingui();
  const { account } = useSession();
  const zone = useZone();
  if (!newest) return "";
  if (newest.deleted) return t`A message was taken back`;
  if (newest.call) return t`[Call]`;
  const files = filesInWords(newest.attachments);
  const said = plain(newest.text, zone, currentLanguage()) || (files ? i18n._(files) : "");
  if (room.kind === "direct") return said;
  return newest.author.id === account.id ? t`You: ${said}` : t`${newest.author.name}: ${said}`;
}

function RoomEntry({ room, title, newest, live, chosen }: EntryProps) {
  const { t } = useLingui();
  const zone = useZone();
  const unread = useRooms((s) => s.heads[room.id]?.unread ?? room.unread);
  const unsent = useRooms((s) => s.drafts[room.id]?.some((d) => d.state === "failed") ?? false);
  const meant = useRooms((s) => s.heads[room.id]?.mentions ?? room.mentions);
  const language = currentLanguage();
  const at = newest ? new Date(newest.posted_at) : undefined;
  const when = at
    ? sameDay(at, new Date(), zone)
      ? clock(at, zone, language)
      : shortDay(at, zone, language)
    : "";
  const preview = usePreview(room, newest);
  return (
    <li>
      <Link
        to="/rooms/$room"
        params={{ room: room.id }}
        aria-current={chosen ? "page" : undefined}
        className={cx(
          "flex min-h-16 items-center gap-3 rounded-xl px-2.5 py-2",
          chosen ? "bg-accent-soft" : "hover:bg-sunken",
        )}
      >
        <RoomMark room={room} title={title} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline justify-between gap-2">
            <span className="truncate font-medium">{title}</span>
            <span className="tabular shrink-0 text-ink-faint text-xs">{when}</span>
          </span>
          <span className="flex items-center justify-between gap-2">
            <span className="truncate text-ink-soft text-sm">{preview}</span>
            {live ? (
              <Badge tone="good">
                <Video size={12} />
                {t`In progress`}
              </Badge>
            ) : null}
            {unsent ? (
              <TriangleAlert size={14} role="img" aria-label={t`Not sent`} className="shrink-0 text-danger" />
            ) : null}
            {meant > 0 ? (
              <span
                role="img"
                aria-label={t`${meant} mention you`}
                className="min-w-5 rounded-full bg-accent px-1 text-center text-on-accent text-[11px] leading-5"
              >
                @
              </span>
            ) : null}
            {room.notify === "none" ? (
              <BellOff size={13} aria-label={t`Muted`} className="shrink-0 text-ink-faint" />
            ) : null}
            {unread > 0 ? (
              <span
                role="img"
                aria-label={t`${unread} unread`}
                className={cx(
                  "tabular min-w-5 rounded-full px-1 text-center text-[11px] leading-5",
                  room.notify === "all" ? "bg-danger text-on-danger" : "bg-line-strong text-canvas",
                )}
              >
                {unread > 99 ? "99+" : unread}
              </span>
            ) : null}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** A person's initials, or a sign for what kind of place a room is. */
export function RoomMark({ room, title, size = 42 }: { room: Room; title: string; size?: number }) {
  const online = useRooms((s) => (room.counterpart ? s.online.has(room.counterpart.id) : undefined));
  if (room.counterpart) return <Avatar name={title} size={size} online={online} />;
  const icons = {
    station: <MapPin size={20} />,
    group: room.posting === "managers" ? <Megaphone size={20} /> : <Users size={20} />,
    meeting: <CalendarDays size={20} />,
    direct: <Users size={20} />,
  };
  return (
    <span
      aria-hidden="true"
      className="flex shrink-0 items-center justify-center rounded-full bg-sunken text-accent"
      style={{ width: size, height: size }}
    >
      {icons[room.kind]}
    </span>
  );
}

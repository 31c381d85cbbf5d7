import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Phone, Users, Video } from "lucide-react";
import { useMemo, useState } from "react";
import { roleNames } from "../account/roles";
import { Problem } from "../api/problem";
import type { RoomDetail } from "../api/types";
import { roomQuery } from "../app/queries";
import { useRooms, useSession, useZone } from "../app/session";
import { useRing } from "../calls/useRing";
import { currentLanguage } from "../i18n/language";
import { Avatar } from "../ui/Avatar";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { Empty, Failed, Loading } from "../ui/states";
import { RoomMark } from "./RoomsPage";
import { TimelineView } from "./TimelineView";
import { roomTitle } from "./titles";

/** One room: its timeline, its members, and the button that calls. */
export function RoomPage() {
  const { t } = useLingui();
  const { room: id } = useParams({ from: "/inside/shell/rooms/$room" });
  const { at } = useSearch({ from: "/inside/shell/rooms/$room" });
  const { rooms } = useSession();
  const zone = useZone();
  const room = useQuery(roomQuery(id));
  const people = useMemo(() => room.data?.members.map((m) => m.person) ?? [], [room.data]);
  if (room.isPending) return <Loading />;
  if (room.isError) {
    const gone = room.error instanceof Problem && room.error.status < 500;
    if (gone) return <Empty title={t`This chat does not exist, or you are not in it.`} />;
    return <Failed text={t`The chat could not be loaded.`} onRetry={() => void room.refetch()} />;
  }
  return (
    <>
      <RoomHeader room={room.data} />
      <TimelineView rooms={rooms} room={id} people={people} zone={zone} at={at} />
    </>
  );
}

function RoomHeader({ room }: { room: RoomDetail }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [showing, setShowing] = useState(false);
  const ring = useRing();
  const live = useRooms((s) => s.live[room.id] ?? room.live_participants);
  const title = roomTitle(room, currentLanguage());
  return (
    <header className="flex min-h-16 items-center gap-3 border-b border-line bg-surface px-3 md:px-5">
      <Link
        to="/rooms"
        aria-label={t`All chats`}
        className="flex size-10 items-center justify-center rounded-[10px] hover:bg-sunken md:hidden"
      >
        <ArrowLeft size={20} />
      </Link>
      <span className="hidden sm:block">
        <RoomMark room={room} title={title} size={38} />
      </span>
      <div className="min-w-0 flex-1">
        <h1 className="truncate font-semibold">{title}</h1>
        {live > 0 ? (
          <p className="text-good text-sm">
            {plural(live, { one: "In progress · # person", other: "In progress · # people" })}
          </p>
        ) : null}
      </div>
      <IconButton label={t`Members (${room.members.length})`} onPress={() => setShowing(true)}>
        <Users size={20} />
      </IconButton>
      <IconButton label={t`Call`} onPress={() => void ring.room(room.id)}>
        <Phone size={20} />
      </IconButton>
      <Button
        look={live > 0 ? "primary" : "quiet"}
        onPress={() => void navigate({ to: "/live/$room", params: { room: room.id } })}
      >
        <Video size={18} />
        <span className={live > 0 ? "" : "sr-only sm:not-sr-only"}>
          {live > 0 ? t`Join` : t`Video meeting`}
        </span>
      </Button>
      <MemberList room={room} open={showing} onClose={() => setShowing(false)} />
    </header>
  );
}

function MemberList({ room, open, onClose }: { room: RoomDetail; open: boolean; onClose: () => void }) {
  const { t, i18n } = useLingui();
  const online = useRooms((s) => s.online);
  const { account } = useSession();
  const ring = useRing();
  return (
    <Dialog open={open} onClose={onClose} title={t`Members (${room.members.length})`}>
      <ul className="flex flex-col">
        {room.members.map(({ person, account_role }) => (
          <li key={person.id} className="flex min-h-12 items-center gap-3">
            <Avatar id={person.id} name={person.name} size={34} online={online.has(person.id)} />
            <span className="min-w-0 flex-1 truncate">{person.name}</span>
            <span className="text-ink-faint text-sm">
              {online.has(person.id)
                ? t`online`
                : person.kind === "guest"
                  ? t`Guest`
                  : i18n._(roleNames[account_role])}
            </span>
            {person.id === account.id ? null : (
              <IconButton
                label={t`Call ${person.name}`}
                onPress={() => {
                  onClose();
                  void ring.person(person.id);
                }}
              >
                <Phone size={18} />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

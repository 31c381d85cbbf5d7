import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Hash, Phone, Users, Video } from "lucide-react";
import { useMemo } from "react";
import { isFinal } from "../api/problem";
import type { RoomDetail } from "../api/types";
import { roomQuery } from "../app/queries";
import { useRooms, useSession } from "../app/session";
import { usePageTitle } from "../app/title";
import { useRing } from "../calls/useRing";
import { currentLanguage } from "../i18n/language";
import { Button } from "../ui/Button";
import { IconButton } from "../ui/IconButton";
import { Nowhere } from "../ui/Nowhere";
import { Failed, Loading } from "../ui/states";
import { PinnedBar } from "./Pins";
import { RoomScene } from "./RoomScene";
import { RoomMark } from "./RoomsPage";
import type { Scene } from "./scene";
import { TimelineView } from "./TimelineView";
import { TopicBar } from "./Topics";
import { roomTitle } from "./titles";

/** One room: its timeline, its members, and the button that calls. */
export function RoomPage() {
  const { t } = useLingui();
  const { room: id } = useParams({ from: "/inside/shell/rooms/$room" });
  const { at } = useSearch({ from: "/inside/shell/rooms/$room" });
  const room = useQuery(roomQuery(id));
  if (room.isPending) return <Loading />;
  if (room.isError) {
    const gone = isFinal(room.error);
    if (gone) return <Nowhere title={t`This chat does not exist, or you are not in it.`} />;
    return <Failed text={t`The chat could not be loaded.`} onRetry={() => void room.refetch()} />;
  }
  return <Opened key={id} room={room.data} at={at} />;
}

function Opened({ room, at }: { room: RoomDetail; at: number | undefined }) {
  const { rooms } = useSession();
  const people = useMemo(() => room.members.map((m) => m.person), [room]);
  return (
    <RoomScene room={room}>
      {(scene) => (
        <>
          <RoomHeader scene={scene} />
          <PinnedBar scene={scene} />
          <TopicBar scene={scene} />
          <TimelineView
            rooms={rooms}
            room={room.id}
            people={people}
            zone={scene.zone}
            at={at}
            mayDelete={room.manages}
          />
        </>
      )}
    </RoomScene>
  );
}

function RoomHeader({ scene }: { scene: Scene }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { room, show } = scene;
  const ring = useRing();
  const live = useRooms((s) => s.live[room.id] ?? room.live_participants);
  const title = roomTitle(room, currentLanguage());
  usePageTitle(title);
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
          <p className="truncate text-good text-sm">
            {plural(live, { one: "In progress · # person", other: "In progress · # people" })}
          </p>
        ) : null}
      </div>
      {room.kind === "direct" ? null : (
        <IconButton label={t`Topics`} onPress={() => show({ kind: "topics" })}>
          <Hash size={20} />
        </IconButton>
      )}
      <IconButton label={t`Members (${room.members.length})`} onPress={() => show({ kind: "settings" })}>
        <Users size={20} />
      </IconButton>
      <IconButton label={t`Call`} onPress={() => void ring.room(room.id)}>
        <Phone size={20} />
      </IconButton>
      <Button
        look={live > 0 ? "primary" : "quiet"}
        aria-label={live > 0 ? t`Join` : t`Video meeting`}
        onPress={() => void navigate({ to: "/live/$room", params: { room: room.id } })}
      >
        <Video size={18} />
        <span className={live > 0 ? "" : "sr-only sm:not-sr-only"}>
          {live > 0 ? t`Join` : t`Video meeting`}
        </span>
      </Button>
    </header>
  );
}

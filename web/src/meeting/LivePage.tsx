import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useBlocker, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { ArrowLeft, Hourglass } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { isFinal } from "../api/problem";
import type { RoomDetail } from "../api/types";
import { roomQuery } from "../app/queries";
import { useRooms, useSession, useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { roomTitle } from "../rooms/titles";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Nowhere } from "../ui/Nowhere";
import { Failed, Loading } from "../ui/states";
import { useToasts } from "../ui/toast";
import type { MeetingTools } from "./context";
import { type LeftReason, Meeting } from "./controller";
import { exposeForTests } from "./debug";
import { insideBefore } from "./inside";
import { Again, MeetingScreen } from "./MeetingScreen";
import { LocalMedia } from "./media/local";
import { PreJoin } from "./PreJoin";

/** The meeting of a room, for people with an account. */
export function LivePage() {
  const { t } = useLingui();
  const { room: id } = useParams({ from: "/inside/live/$room" });
  const room = useQuery(roomQuery(id));
  if (room.isPending) return <Loading />;
  if (room.isError) {
    const gone = isFinal(room.error);
    if (gone) return <Nowhere title={t`This meeting does not exist, or you are not invited to it.`} />;
    return <Failed text={t`The meeting could not be loaded.`} onRetry={() => void room.refetch()} />;
  }
  return <Visit key={id} room={room.data} />;
}

function Visit({ room }: { room: RoomDetail }) {
  const tools = useVisit(room.id);
  usePageTitle(roomTitle(room, currentLanguage()));
  const zone = useZone();
  const navigate = useNavigate();
  const people = useMemo(() => room.members.map((m) => m.person), [room]);
  useCallEnds(tools?.meeting);
  if (!tools) return null;
  const back = () => void navigate({ to: "/rooms/$room", params: { room: room.id } });
  return (
    <>
      <MeetingScreen
        tools={tools}
        people={people}
        room={room}
        zone={zone}
        before={<Door room={room} tools={tools} onBack={back} />}
        lobby={<Lobby room={room} tools={tools} />}
        after={(reason, again) => <Afterwards reason={reason} again={again} onBack={back} />}
      />
      <StayGuard meeting={tools.meeting} />
    </>
  );
}

/** Asks before Back, or the way to another page, leaves the meeting. A reload needs no question: it comes back in. */
function StayGuard({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const inside = useStore(meeting.store, (s) => s.at.phase === "in");
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => inside && next.pathname !== current.pathname,
    enableBeforeUnload: false,
    withResolver: true,
  });
  return (
    <Confirm
      open={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title={t`Leave the meeting?`}
      action={t`Leave meeting`}
      danger
      onConfirm={() => blocker.proceed?.()}
    >
      {t`The others stay in it, and you can come back at any time.`}
    </Confirm>
  );
}

function useVisit(room: string): MeetingTools | undefined {
  const { link, rooms, meet } = useSession();
  const [tools, setTools] = useState<MeetingTools>();
  useEffect(() => {
    useToasts.getState().clear(); // what called into it, above all
    const local = new LocalMedia();
    const meeting = new Meeting(link, room, local);
    meet(meeting);
    const hide = exposeForTests(meeting);
    const inside = insideBefore(room);
    if (inside) void meeting.resume(inside);
    setTools({ link, rooms, meeting });
    return () => {
      hide();
      meet(undefined);
      meeting.close();
      local.close();
    };
  }, [link, rooms, meet, room]);
  return tools;
}

/** A call is over when the others have hung up: nobody stays alone in it with an open microphone. */
function useCallEnds(meeting: Meeting | undefined): void {
  const call = useLocation({ select: (l) => l.state.call === true });
  useEffect(() => {
    if (!call) return;
    return meeting?.store.subscribe(({ at }, before) => {
      const company = before.at.phase === "in" && before.at.live.participants.length > 1;
      if (company && at.phase === "in" && at.live.participants.length === 1) meeting.leave("alone");
    });
  }, [meeting, call]);
}

function Door({ room, tools, onBack }: { room: RoomDetail; tools: MeetingTools; onBack: () => void }) {
  const { t } = useLingui();
  const inside = useRooms((s) => s.live[room.id] ?? room.live_participants);
  return (
    <main className="min-h-dvh">
      <div className="px-3 pt-3 md:px-6">
        <Button look="plain" small onPress={onBack}>
          <ArrowLeft size={18} />
          {t`Back`}
        </Button>
      </div>
      <PreJoin
        local={tools.meeting.local}
        action={inside > 0 ? t`Join` : t`Start the meeting`}
        onEnter={(want) => void tools.meeting.enter(want)}
      >
        <section>
          <h1 className="font-semibold text-2xl">{roomTitle(room, currentLanguage())}</h1>
          <p className="pt-1 text-ink-soft">
            {inside > 0
              ? plural(inside, { one: "# person is in the meeting.", other: "# people are in the meeting." })
              : t`Nobody is in the meeting yet.`}
          </p>
        </section>
      </PreJoin>
    </main>
  );
}

function Lobby({ room, tools }: { room: RoomDetail; tools: MeetingTools }) {
  const { t } = useLingui();
  return (
    <main
      className="flex min-h-dvh flex-col items-center justify-center gap-4 px-6 text-center"
      data-phase="waiting"
    >
      <Hourglass size={32} className="text-accent" />
      <h1 className="font-semibold text-xl">{roomTitle(room, currentLanguage())}</h1>
      <p
        role="status"
        className="text-ink-soft"
      >{t`You are in the waiting room. You come in as soon as you are admitted.`}</p>
      <Button onPress={() => tools.meeting.leave()}>{t`Leave the waiting room`}</Button>
    </main>
  );
}

function Afterwards({
  reason,
  again,
  onBack,
}: {
  reason: LeftReason;
  again: () => void;
  onBack: () => void;
}) {
  const { t } = useLingui();
  const final =
    reason !== "left" &&
    reason !== "alone" &&
    reason !== "rest" &&
    reason !== "refused" &&
    reason !== "taken_over" &&
    reason !== "locked" &&
    reason !== "failed";
  return (
    <div className="flex flex-wrap justify-center gap-3">
      <Button onPress={onBack}>{t`To the chat`}</Button>
      {final ? null : <Again onPress={again} />}
    </div>
  );
}

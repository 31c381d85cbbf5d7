import { useLingui } from "@lingui/react/macro";
import { CalendarPlus, Hourglass } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { call } from "../api/client";
import type { GuestSession, Invitation } from "../api/types";
import { currentLanguage } from "../i18n/language";
import { openLink } from "../link/browser";
import { dispatch } from "../link/dispatch";
import type { MeetingTools } from "../meeting/context";
import { useMeetingStore } from "../meeting/context";
import { type LeftReason, Meeting } from "../meeting/controller";
import { exposeForTests } from "../meeting/debug";
import { Again, MeetingScreen } from "../meeting/MeetingScreen";
import type { LocalMedia } from "../meeting/media/local";
import { browserDrawer } from "../rooms/drawer";
import { createRooms } from "../rooms/store";
import { ownZone } from "../time/zones";
import { Button } from "../ui/Button";
import { Spinner } from "../ui/Spinner";
import { Framed } from "./Framed";
import { InvitationCard } from "./InvitationCard";

interface Props {
  invitation: Invitation;
  local: LocalMedia;
  want: { microphone: boolean; camera: boolean };
  /** The page was reloaded inside the meeting. */
  resumed: boolean;
  /** The invitation as it is now, read again while the guest waits. */
  onNews: (invitation: Invitation) => void;
  onBack: () => void;
}

/** A guest's visit, from the knock to the goodbye. */
export function GuestVisit({ invitation, local, want, resumed, onNews, onBack }: Props) {
  const tools = useVisit(invitation.room_id, local, want, resumed);
  if (!tools) return null;
  return (
    <MeetingScreen
      tools={tools}
      people={[]}
      zone={ownZone()}
      before={<Restart onBack={onBack} />}
      lobby={<GuestLobby invitation={invitation} tools={tools} onNews={onNews} />}
      after={(reason, again) => <Goodbye reason={reason} again={again} />}
    />
  );
}

/** Opens the connection for as long as the visit lasts. */
function useVisit(
  room: string,
  local: LocalMedia,
  want: Props["want"],
  resumed: boolean,
): MeetingTools | undefined {
  const [tools, setTools] = useState<MeetingTools>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: one visit has one connection
  useEffect(() => {
    const link = openLink("guest");
    const meeting = new Meeting(link, room, local);
    const rooms = createRooms(link, { drawer: browserDrawer(sessionStorage, room) });
    const stop = link.listen((frame) =>
      dispatch(frame, {
        meeting: (f) => meeting.take(f),
        rooms: (f) => {
          rooms.take(f);
          if (f.type === "room_live") meeting.heard(f.body);
        },
        changed: () => undefined,
      }),
    );
    const hide = exposeForTests(meeting);
    void (resumed ? meeting.resume(want) : meeting.enter(want));
    setTools({ link, meeting, rooms });
    return () => {
      hide();
      stop();
      rooms.close();
      meeting.leave();
      meeting.close();
      link.close();
    };
  }, [room]);
  return tools;
}

function Restart({ onBack }: { onBack: () => void }) {
  useEffect(onBack, [onBack]);
  return null;
}

interface LobbyProps {
  invitation: Invitation;
  tools: MeetingTools;
  onNews: (invitation: Invitation) => void;
}

function GuestLobby({ invitation, tools, onNews }: LobbyProps) {
  const { t } = useLingui();
  useNews(onNews);
  const live = useMeetingStore((s) => s.at.phase === "waiting" && s.at.live);
  return (
    <Framed
      organisation={currentLanguage() === "en" ? invitation.organisation_en : invitation.organisation_zh}
    >
      <div className="mx-auto flex max-w-lg flex-col gap-8 px-6 py-12" data-phase="waiting">
        <div role="status" className="flex items-center gap-4 rounded-2xl bg-accent-soft p-5">
          {live ? <Spinner size={22} /> : <Hourglass size={22} className="shrink-0 text-accent" />}
          <div>
            <p className="font-medium">
              {live ? t`You are in the waiting room` : t`The meeting has not begun`}
            </p>
            <p className="text-ink-soft text-sm">
              {live
                ? t`${invitation.host_name} has been told that you are here. You come in as soon as you are admitted.`
                : t`Stay on this page: you come in as soon as the host begins and admits you.`}
            </p>
          </div>
        </div>
        <InvitationCard invitation={invitation} />
        <div className="flex flex-wrap gap-3">
          <a
            href="/api/guest/calendar.ics"
            className="inline-flex min-h-11 items-center gap-2 rounded-[10px] border border-line-strong/60 px-4 font-medium hover:bg-sunken"
          >
            <CalendarPlus size={18} />
            {t`Add to my calendar`}
          </a>
          <Button look="plain" onPress={() => tools.meeting.leave()}>
            {t`Leave the waiting room`}
          </Button>
        </div>
      </div>
    </Framed>
  );
}

const readEvery = 20_000;

/** Reads the invitation again now and then: who waits learns of a cancelled or moved meeting. */
function useNews(onNews: (invitation: Invitation) => void) {
  const tell = useEffectEvent(onNews);
  useEffect(() => {
    const stop = new AbortController();
    const read = () =>
      call<GuestSession>("GET", "/guest/session", undefined, stop.signal).then(
        ({ invitation }) => tell(invitation),
        () => undefined, // the connection tells when the link has been revoked
      );
    const visible = () => document.visibilityState === "visible" && void read();
    const timer = setInterval(() => void read(), readEvery);
    document.addEventListener("visibilitychange", visible, { signal: stop.signal });
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, []);
}

function Goodbye({ reason, again }: { reason: LeftReason; again: () => void }) {
  const { t } = useLingui();
  const final = reason === "ended" || reason === "revoked" || reason === "host" || reason === "outdated";
  return (
    <>
      <p className="max-w-sm text-ink-soft">
        {final ? t`You may close this page.` : t`You may close this page or come back.`}
      </p>
      {final ? null : <Again onPress={again} />}
    </>
  );
}

import { useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { RoomDetail } from "../api/types";
import { showTheme } from "../prefs/theme";
import { EmojiRow } from "../rooms/EmojiMenu";
import { PinnedBar } from "../rooms/Pins";
import { RoomScene } from "../rooms/RoomScene";
import { TimelineView } from "../rooms/TimelineView";
import { TopicBar } from "../rooms/Topics";
import { Button } from "../ui/Button";
import { Confirm, Dialog } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { OfflineBar } from "../ui/states";
import { toast } from "../ui/toast";
import type { Person } from "../wire/messages";
import { Bar, type Panel } from "./Bar";
import { cheerEmoji } from "./cheers";
import { useComings } from "./comings";
import { LiveProvider, useLive, useMeeting, useMeetingStore } from "./context";
import { handRaised } from "./controller";
import { DeviceChoice } from "./DeviceChoice";
import { Help } from "./Help";
import { useHostTools } from "./hostTools";
import { Members, useWaitingCount } from "./Members";
import { useDeviceProblems, useMutedHint, useNotes } from "./notes";
import { SeatAudio } from "./SeatAudio";
import { SharingNote } from "./Share";
import { Stage } from "./Stage";
import { useShortcuts } from "./shortcuts";
import type { Mode } from "./stageTiles";
import { type Live, leads, moderates } from "./state";
import { TopBar } from "./TopBar";

/** What stands over the meeting: a question, a list, a choice. */
type Question = "record" | "end" | "mute_all" | "help" | "devices" | "cheer";

interface Props {
  live: Live;
  /** Members of the room, for mentions; whoever is in the meeting is added. */
  people: readonly Person[];
  /** The room, for those with an account. */
  room: RoomDetail | undefined;
  zone: string;
}

/** The meeting itself. */
export function InMeeting({ live, ...rest }: Props) {
  return (
    <LiveProvider live={live}>
      <Screen {...rest} />
    </LiveProvider>
  );
}

function Screen({ people, room, zone }: Omit<Props, "live">) {
  const live = useLive();
  const { meeting, rooms } = useMeeting();
  const [panel, setPanel] = useState<Panel>("none");
  const [mode, setMode] = useState<Mode | "automatic">("automatic");
  const [pinned, setPinned] = useState<string>();
  const [asking, setAsking] = useState<Question | "none">("none");
  const unread = useStore(rooms.store, (s) => s.heads[meeting.room]?.unread ?? 0);
  const waiting = useWaitingCount();
  const showMembers = useCallback(() => setPanel("members"), []);
  useNotes();
  useComings(showMembers);
  useMutedHint();
  useDeviceProblems();
  useMeetingKeys(setAsking);
  useStageTheme();
  const everybody = withParticipants(people, live);
  return (
    <div data-theme="stage" data-phase="in" className="fixed inset-0 flex flex-col bg-canvas text-ink">
      <ConnectionBar />
      <TopBar
        mode={mode}
        onMode={setMode}
        onFullScreen={toggleFullScreen}
        onHelp={() => setAsking("help")}
        onHands={showMembers}
      />
      <div className="relative flex min-h-0 flex-1 gap-3 px-2 pb-2 sm:px-3 sm:pb-3">
        <main className="flex min-w-0 flex-1 flex-col gap-2">
          <SharingNote />
          <LobbyNote waiting={waiting} hidden={panel === "members"} onOpen={showMembers} />
          <Stage mode={mode} pinned={pinned} onPin={setPinned} />
          <Alone />
        </main>
        {panel === "none" ? null : (
          <SidePanel panel={panel} onClose={() => setPanel("none")}>
            {panel === "members" ? (
              <Members invite={room !== undefined} />
            ) : (
              <Chat people={everybody} room={room} zone={zone} />
            )}
          </SidePanel>
        )}
      </div>
      <Bar
        panel={panel}
        unread={unread}
        waiting={waiting}
        onPanel={setPanel}
        onRecord={() => setAsking("record")}
        onLeave={() => meeting.leave()}
        onEnd={() => setAsking("end")}
        onDevices={() => setAsking("devices")}
        onCheer={() => setAsking("cheer")}
      />
      <SeatAudio />
      <Announcements />
      <Questions asking={asking} onClose={() => setAsking("none")} />
    </div>
  );
}

/** The room beside the meeting: to an account with all that the room's page offers, to a guest for writing. */
function Chat({ people, room, zone }: Omit<Props, "live">) {
  const { meeting, rooms } = useMeeting();
  const timeline = <TimelineView rooms={rooms} room={meeting.room} people={people} zone={zone} />;
  if (!room) return timeline;
  return (
    <RoomScene room={room} beside>
      {(scene) => (
        <>
          <PinnedBar scene={scene} />
          <TopicBar scene={scene} />
          {timeline}
        </>
      )}
    </RoomScene>
  );
}

/** Menus and dialogs stand outside of the stage in the page; they are to be dark with it. */
function useStageTheme() {
  useEffect(() => {
    document.documentElement.dataset.theme = "stage";
    return showTheme;
  }, []);
}

function toggleFullScreen() {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen().catch(() => undefined);
}

function withParticipants(people: readonly Person[], live: Live): Person[] {
  const known = new Set(people.map((p) => p.id));
  const here = live.participants
    .filter((p) => !known.has(p.id))
    .map(({ id, kind, name }) => ({ id, kind, name }));
  return [...people, ...here];
}

function useMeetingKeys(ask: (what: "record" | "mute_all" | "help") => void) {
  const { meeting, link } = useMeeting();
  const live = useLive();
  const talking = useRef(false);
  useShortcuts({
    talk: (down) => {
      // Whose microphone is on already keeps it on when the key goes up.
      if (down && meeting.store.getState().sending.microphone) return;
      if (!down && !talking.current) return;
      talking.current = down;
      meeting.toggle("microphone", down);
    },
    press: (shortcut) => {
      switch (shortcut) {
        case "microphone":
        case "camera":
          return meeting.toggle(shortcut);
        case "share":
          return meeting.store.getState().sending.screen ? meeting.stopScreen() : void meeting.shareScreen();
        case "hand":
          return link.send("hand", { raised: !handRaised(live) });
        case "fullscreen":
          return toggleFullScreen();
        case "mute_all":
          return moderates(live) ? ask(shortcut) : undefined;
        case "record":
          return leads(live) ? ask(shortcut) : undefined;
        case "help":
          return ask("help");
        default:
          shortcut satisfies never;
      }
    },
  });
}

function ConnectionBar() {
  const { t } = useLingui();
  const { link } = useMeeting();
  const phase = useStore(link.state, (s) => s.phase);
  const media = useMeetingStore((s) => (s.at.phase === "in" ? s.at.media : "connected"));
  if (phase !== "open")
    return <OfflineBar text={t`The connection was lost. Reconnecting… your place is kept.`} />;
  if (media === "disconnected" || media === "failed") {
    return <OfflineBar text={t`Sound and picture are interrupted. Reconnecting…`} />;
  }
  if (media === "new" || media === "connecting")
    return <OfflineBar text={t`Sound and picture are being connected…`} />;
  return null;
}

function LobbyNote({ waiting, hidden, onOpen }: { waiting: number; hidden: boolean; onOpen: () => void }) {
  const { t } = useLingui();
  const live = useLive();
  const tools = useHostTools();
  const first = live.waiting[0];
  if (waiting === 0 || !first || hidden) return null;
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-center gap-3 rounded-xl bg-accent-soft px-4 py-2 text-sm"
    >
      <span>
        {waiting === 1
          ? t`${first.name} is in the waiting room.`
          : t`${waiting} people are in the waiting room.`}
      </span>
      <Button small onPress={onOpen}>
        {t`Show`}
      </Button>
      <Button small look="primary" onPress={() => (waiting === 1 ? tools.admit(first.id) : tools.admitAll())}>
        {waiting === 1 ? t`Admit` : t`Admit all`}
      </Button>
    </div>
  );
}

function Alone() {
  const { t } = useLingui();
  const live = useLive();
  if (live.participants.length > 1) return null;
  return (
    <p className="text-center text-ink-faint text-sm">{t`Nobody else is here yet. The others appear by themselves when they come in.`}</p>
  );
}

function SidePanel({
  panel,
  onClose,
  children,
}: {
  panel: Panel;
  onClose: () => void;
  children: React.ReactNode;
}) {
  const { t } = useLingui();
  const title = panel === "members" ? t`Members` : t`Chat`;
  const aside = useRef<HTMLElement>(null);
  useFocusBack(aside);
  return (
    <aside
      ref={aside}
      aria-label={title}
      className="absolute inset-x-0 top-0 bottom-0 z-20 flex flex-col overflow-hidden bg-surface sm:inset-x-auto sm:right-3 sm:bottom-3 sm:w-[22.5rem] sm:rounded-xl lg:static lg:shrink-0"
    >
      <div className="flex items-center justify-between py-1.5 pr-2 pl-4">
        <h2 className="font-medium">{title}</h2>
        <IconButton label={t`Close`} onPress={onClose}>
          <X size={20} />
        </IconButton>
      </div>
      {children}
    </aside>
  );
}

/** Gives the focus back to where it was when what holds it goes away. */
function useFocusBack(place: React.RefObject<HTMLElement | null>) {
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = place.current;
    return () => {
      if (element?.contains(document.activeElement) && before instanceof HTMLElement) before.focus();
    };
  }, [place]);
}

/** Comings, goings and recording, said to screen readers. */
function Announcements() {
  const { t } = useLingui();
  const live = useLive();
  const names = live.participants.map((p) => p.name).join(", ");
  return (
    <div aria-live="polite" className="sr-only">
      <p>{t`In the meeting: ${names}`}</p>
      <p>{live.meeting.recording.on ? t`The meeting is being recorded.` : ""}</p>
    </div>
  );
}

function Questions({ asking, onClose }: { asking: Question | "none"; onClose: () => void }) {
  const { t } = useLingui();
  const { meeting, link } = useMeeting();
  const live = useLive();
  const tools = useHostTools();
  const recording = live.meeting.recording.on;
  const own = leads(live);
  const end = () => meeting.end().catch(() => toast(t`That did not work. Try again.`, { tone: "danger" }));
  return (
    <>
      <Help open={asking === "help"} onClose={onClose} />
      <Dialog open={asking === "devices"} onClose={onClose} title={t`Devices`}>
        <DeviceChoice local={meeting.local} level />
      </Dialog>
      <Dialog open={asking === "cheer"} onClose={onClose} title={t`Reactions`}>
        <EmojiRow
          emoji={cheerEmoji}
          onChoose={(emoji) => {
            link.send("cheer", { emoji });
            onClose();
          }}
        />
      </Dialog>
      <Confirm
        open={asking === "record"}
        onClose={onClose}
        title={recording ? t`Stop the recording?` : t`Record this meeting?`}
        action={recording ? t`Stop recording` : t`Start recording`}
        onConfirm={() => tools.record(!recording)}
      >
        {recording
          ? t`What has been recorded is kept with the meeting.`
          : t`Everybody sees that the meeting is recorded. Whoever may see this meeting may play the recording.`}
      </Confirm>
      <Confirm
        open={asking === "mute_all"}
        onClose={onClose}
        title={t`Mute everybody?`}
        action={t`Mute all`}
        onConfirm={() => tools.muteAll()}
      >
        {t`Members may unmute themselves again.`}
      </Confirm>
      <Confirm
        open={asking === "end"}
        onClose={onClose}
        title={own ? t`End the meeting for all?` : t`Close the meeting for now?`}
        action={own ? t`End meeting` : t`Close until the host comes`}
        danger
        onConfirm={end}
      >
        {own
          ? t`Everybody leaves the meeting now. The chat and the recording are kept.`
          : t`You stand in for the host: everybody leaves now, and the meeting can go on until its time is over.`}
      </Confirm>
    </>
  );
}

import { useLingui } from "@lingui/react/macro";
import { DoorOpen } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import type { RoomDetail } from "../api/types";
import { Button } from "../ui/Button";
import { Loading } from "../ui/states";
import type { Person } from "../wire/messages";
import { MeetingProvider, type MeetingTools, useMeeting, useMeetingStore } from "./context";
import type { LeftReason, Phase } from "./controller";
import { InMeeting } from "./InMeeting";
import { forgetInside, rememberInside } from "./inside";
import { leftWords } from "./words";

interface Props {
  tools: MeetingTools;
  people: readonly Person[];
  /** The room, for those with an account. */
  room?: RoomDetail | undefined;
  zone: string;
  /** What stands before entering. */
  before: ReactNode;
  /** What the lobby says about the meeting. */
  lobby: ReactNode;
  /** What can be done afterwards. */
  after: (reason: LeftReason, again: () => void) => ReactNode;
}

/** A visit to a meeting, from the mirror to the door. */
export function MeetingScreen({ tools, ...rest }: Props) {
  return (
    <MeetingProvider tools={tools}>
      <Phases {...rest} />
    </MeetingProvider>
  );
}

function Phases({ people, room, zone, before, lobby, after }: Omit<Props, "tools">) {
  const { t } = useLingui();
  const { meeting } = useMeeting();
  const at = useMeetingStore((s) => s.at);
  useRemembered(at.phase);
  switch (at.phase) {
    case "preparing":
      return before;
    case "knocking":
    case "joining":
      return (
        <main className="flex min-h-dvh items-center justify-center">
          <Loading label={t`Entering the meeting…`} />
        </main>
      );
    case "waiting":
      return lobby;
    case "in":
      return <InMeeting live={at.live} people={people} room={room} zone={zone} />;
    case "left":
      return <Left>{{ reason: at.reason, actions: after(at.reason, () => meeting.again()) }}</Left>;
    default:
      return at satisfies never;
  }
}

function Left({ children }: { children: { reason: LeftReason; actions: ReactNode } }) {
  const { i18n } = useLingui();
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-4 px-6 text-center">
      <DoorOpen size={36} className="text-ink-faint" />
      <h1 className="font-semibold text-xl">{i18n._(leftWords[children.reason])}</h1>
      {children.actions}
    </main>
  );
}

/** The button that comes back in. */
export function Again({ onPress }: { onPress: () => void }) {
  const { t } = useLingui();
  return (
    <Button look="primary" onPress={onPress}>
      {t`Join again`}
    </Button>
  );
}

/** Remembers in this tab that we are inside, so that a reload comes straight back in. */
function useRemembered(phase: Phase["phase"]) {
  const { meeting } = useMeeting();
  const microphone = useMeetingStore((s) => s.sending.microphone);
  const camera = useMeetingStore((s) => s.sending.camera);
  useEffect(() => {
    if (phase === "in") rememberInside(meeting.room, { microphone, camera });
    if (phase === "left") forgetInside();
  }, [phase, meeting, microphone, camera]);
}

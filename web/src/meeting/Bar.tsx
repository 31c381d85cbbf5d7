import { useLingui } from "@lingui/react/macro";
import {
  ChevronUp,
  Circle,
  CircleStop,
  Hand,
  MessageSquare,
  Mic,
  MicOff,
  MoreHorizontal,
  PhoneOff,
  SmilePlus,
  Users,
  Video as VideoIcon,
  VideoOff,
} from "lucide-react";
import type { ReactNode } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { EmojiMenu } from "../rooms/EmojiMenu";
import { Menu } from "../ui/Menu";
import { BarButton } from "./BarButton";
import { cheerEmoji } from "./cheers";
import { useLive, useMeeting, useMeetingStore } from "./context";
import { handRaised } from "./controller";
import { DeviceChoice } from "./DeviceChoice";
import { ShareButton } from "./Share";
import { leads, myself } from "./state";

export type Panel = "members" | "chat" | "none";

interface Props {
  panel: Panel;
  unread: number;
  waiting: number;
  onPanel: (panel: Panel) => void;
  onRecord: () => void;
  onLeave: () => void;
  onEnd: () => void;
  onDevices: () => void;
  onCheer: () => void;
}

/** The meeting's controls: what we send on the left, what we do in the middle, leaving on the right. */
export function Bar(props: Props) {
  const { t } = useLingui();
  const { panel, onPanel } = props;
  const { participants } = useLive();
  return (
    <footer className="flex items-center justify-between gap-0.5 border-t border-line bg-surface px-2 pt-2 pb-[max(0.5rem,env(safe-area-inset-bottom))] sm:gap-2 sm:px-4">
      <div className="flex items-center justify-start gap-0.5 sm:flex-1 sm:gap-2">
        <MicrophoneButton />
        <CameraButton />
      </div>
      <div className="flex items-center gap-0.5 sm:gap-2">
        <ShareButton />
        <BarButton
          label={t`Members`}
          count={participants.length}
          alert={props.waiting}
          active={panel === "members"}
          onPress={() => onPanel(panel === "members" ? "none" : "members")}
        >
          <Users size={22} />
        </BarButton>
        <BarButton
          label={t`Chat`}
          alert={panel === "chat" ? 0 : props.unread}
          active={panel === "chat"}
          onPress={() => onPanel(panel === "chat" ? "none" : "chat")}
        >
          <MessageSquare size={22} />
        </BarButton>
        <Wide>
          <RecordButton onPress={props.onRecord} />
          <HandButton />
          <CheerButton />
        </Wide>
        <MoreButton {...props} />
      </div>
      <div className="flex justify-end sm:flex-1">
        <LeaveButton {...props} />
      </div>
    </footer>
  );
}

/** Shown where there is room; on phones the same is under "More". */
function Wide({ children }: { children: ReactNode }) {
  return <div className="hidden items-center gap-2 md:flex">{children}</div>;
}

function MicrophoneButton() {
  const { t } = useLingui();
  const { meeting } = useMeeting();
  const on = useMeetingStore((s) => s.sending.microphone);
  return (
    <div className="flex items-center">
      <BarButton label={on ? t`Mute` : t`Unmute`} off={!on} onPress={() => meeting.toggle("microphone")}>
        {on ? <Mic size={22} /> : <MicOff size={22} />}
      </BarButton>
      <Devices />
    </div>
  );
}

function CameraButton() {
  const { t } = useLingui();
  const { meeting } = useMeeting();
  const on = useMeetingStore((s) => s.sending.camera);
  return (
    <BarButton label={on ? t`Stop video` : t`Start video`} off={!on} onPress={() => meeting.toggle("camera")}>
      {on ? <VideoIcon size={22} /> : <VideoOff size={22} />}
    </BarButton>
  );
}

/** The small arrow beside the microphone: which devices to use. */
function Devices() {
  const { t } = useLingui();
  const { meeting } = useMeeting();
  return (
    <DialogTrigger>
      <Plain
        aria-label={t`Choose devices`}
        className="-ml-1 hidden h-14 w-6 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken sm:flex"
      >
        <ChevronUp size={16} />
      </Plain>
      <Popover
        placement="top start"
        className="z-50 w-80 rounded-2xl border border-line bg-surface p-5 text-ink shadow-lift"
        data-theme="stage"
      >
        <Dialog aria-label={t`Devices`} className="outline-none">
          <DeviceChoice local={meeting.local} level />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function RecordButton({ onPress }: { onPress: () => void }) {
  const { t } = useLingui();
  const live = useLive();
  if (!leads(live)) return null;
  const on = live.meeting.recording.on;
  return (
    <BarButton label={on ? t`Stop recording` : t`Record`} active={on} onPress={onPress}>
      {on ? <CircleStop size={22} /> : <Circle size={22} />}
    </BarButton>
  );
}

function HandButton() {
  const { t } = useLingui();
  const { link } = useMeeting();
  const up = handRaised(useLive());
  return (
    <BarButton
      label={up ? t`Lower hand` : t`Raise hand`}
      active={up}
      onPress={() => link.send("hand", { raised: !up })}
    >
      <Hand size={22} />
    </BarButton>
  );
}

function CheerButton() {
  const { t } = useLingui();
  const { link } = useMeeting();
  return (
    <EmojiMenu
      emoji={cheerEmoji}
      onChoose={(emoji) => link.send("cheer", { emoji })}
      trigger={
        <BarButton label={t`Reactions`}>
          <SmilePlus size={22} />
        </BarButton>
      }
    />
  );
}

/** On phones: what found no place in the bar. */
function MoreButton({ onRecord, onDevices, onCheer }: Props) {
  const { t } = useLingui();
  const { link } = useMeeting();
  const live = useLive();
  const up = handRaised(live);
  const entries = [
    {
      id: "hand",
      label: up ? t`Lower hand` : t`Raise hand`,
      onAction: () => link.send("hand", { raised: !up }),
    },
    { id: "cheer", label: t`Reactions`, onAction: onCheer },
    ...(leads(live)
      ? [
          {
            id: "record",
            label: live.meeting.recording.on ? t`Stop recording` : t`Record`,
            onAction: onRecord,
          },
        ]
      : []),
    { id: "devices", label: t`Choose devices`, onAction: onDevices },
  ];
  return (
    <div className="md:hidden">
      <Menu
        label={t`More`}
        entries={entries}
        trigger={
          <BarButton label={t`More`}>
            <MoreHorizontal size={22} />
          </BarButton>
        }
      />
    </div>
  );
}

function LeaveButton({ onLeave, onEnd }: Props) {
  const { t } = useLingui();
  const live = useLive();
  const host = myself(live)?.role === "host";
  const button = (
    <BarButton label={t`Leave`} danger {...(host ? {} : { onPress: onLeave })}>
      <PhoneOff size={22} />
    </BarButton>
  );
  if (!host) return button;
  return (
    <Menu
      label={t`Leave`}
      trigger={button}
      entries={[
        { id: "leave", label: t`Leave meeting`, onAction: onLeave },
        {
          id: "end",
          label: leads(live) ? t`End meeting for all` : t`Close until the host comes`,
          danger: true,
          onAction: onEnd,
        },
      ]}
    />
  );
}

import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Dialog } from "../ui/Dialog";
import { Forward } from "./Forward";
import { PinList } from "./Pins";
import { ReadList } from "./ReadList";
import { RoomSettings } from "./RoomSettings";
import { ScheduledList } from "./Scheduled";
import type { Scene, Shown } from "./scene";
import { TopicList } from "./Topics";
import { Versions } from "./Versions";

interface Props {
  scene: Scene;
  shown: Shown;
  onClose: () => void;
}

/** What is laid over a room. */
export function RoomDialogs({ scene, shown, onClose }: Props) {
  const { t } = useLingui();
  const within = (title: string, children: ReactNode) => (
    <Dialog open onClose={onClose} title={title}>
      {children}
    </Dialog>
  );
  switch (shown.kind) {
    case "forward":
      return <Forward message={shown.message} onClose={onClose} />;
    case "readers":
      return within(t`Who has read it`, <ReadList scene={scene} message={shown.message} />);
    case "versions":
      return within(t`Earlier versions`, <Versions scene={scene} message={shown.message} />);
    case "topics":
      return within(t`Topics`, <TopicList scene={scene} onClose={onClose} />);
    case "pins":
      return within(t`Pinned messages`, <PinList scene={scene} onClose={onClose} />);
    case "scheduled":
      return within(t`Waiting to be sent`, <ScheduledList scene={scene} />);
    case "settings":
      return within(t`About this chat`, <RoomSettings room={scene.room} onClose={onClose} />);
    default:
      return shown satisfies never;
  }
}

import { useLingui } from "@lingui/react/macro";
import { BadgeCheck, CalendarClock, CalendarDays, Clock, Hash, Plus } from "lucide-react";
import { useState } from "react";
import { IconButton } from "../ui/IconButton";
import { Menu } from "../ui/Menu";
import type { Options } from "./Composer";
import { InsertMeeting } from "./InsertMeeting";
import { InsertTime } from "./InsertTime";
import type { Scene } from "./scene";
import { TopicField } from "./TopicField";

interface Props {
  scene: Scene;
  options: Options;
  onOptions: (options: Options) => void;
  onInsert: (words: string) => void;
  /** Sends what is written later; absent while there is nothing to send. */
  onLater: (() => void) | undefined;
}

/** What can be put into a message, or be asked with it. */
export function ComposerMenu({ scene, options, onOptions, onInsert, onLater }: Props) {
  const { t } = useLingui();
  const [open, setOpen] = useState<"time" | "meeting" | "topic">();
  const close = () => setOpen(undefined);
  const { room } = scene;
  const mayAsk = room.manages || room.kind === "direct";
  return (
    <>
      <Menu
        label={t`Add`}
        trigger={
          <IconButton label={t`Add`} className="size-11">
            <Plus size={20} />
          </IconButton>
        }
        entries={[
          { id: "time", label: t`A time`, icon: <Clock size={17} />, onAction: () => setOpen("time") },
          {
            id: "meeting",
            label: t`A link to a meeting`,
            icon: <CalendarDays size={17} />,
            onAction: () => setOpen("meeting"),
          },
          ...(room.kind === "direct" || scene.topic
            ? []
            : [
                {
                  id: "topic",
                  label: t`A topic`,
                  icon: <Hash size={17} />,
                  onAction: () => setOpen("topic"),
                },
              ]),
          ...(mayAsk && !options.mustConfirm
            ? [
                {
                  id: "confirm",
                  label: t`Ask for confirmation`,
                  icon: <BadgeCheck size={17} />,
                  onAction: () => onOptions({ ...options, mustConfirm: true }),
                },
              ]
            : []),
          ...(onLater
            ? [{ id: "later", label: t`Send later`, icon: <CalendarClock size={17} />, onAction: onLater }]
            : []),
        ]}
      />
      <InsertTime open={open === "time"} onClose={close} zone={scene.zone} onInsert={onInsert} />
      <InsertMeeting open={open === "meeting"} onClose={close} onInsert={onInsert} />
      <TopicField
        open={open === "topic"}
        onClose={close}
        room={room.id}
        onChoose={(topic) => onOptions({ ...options, topic })}
      />
    </>
  );
}

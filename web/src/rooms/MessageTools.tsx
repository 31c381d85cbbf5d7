import { useLingui } from "@lingui/react/macro";
import { MoreHorizontal, Reply, SmilePlus } from "lucide-react";
import { useContext, useState } from "react";
import { Confirm, Dialog } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { Menu, type MenuEntry } from "../ui/Menu";
import { toast } from "../ui/toast";
import type { Message } from "../wire/messages";
import { EmojiMenu, EmojiRow } from "./EmojiMenu";
import { EditingContext, type Scene, useScene } from "./scene";
import type { Rooms } from "./store";

interface Props {
  message: Message;
  rooms: Rooms;
  own: boolean;
  mayDelete: boolean;
  onReply: (message: Message) => void;
}

/** What can be done with a message: shown on hover and focus, always on touch screens. */
export function MessageTools({ message, rooms, own, mayDelete, onReply }: Props) {
  const { t } = useLingui();
  const scene = useScene();
  const react = (emoji: string) =>
    rooms
      .react(message.room, message.id, emoji, true)
      .catch(() => toast(t`The reaction was not sent.`, { tone: "danger" }));
  if (scene?.room.archived_at) return null;
  return (
    <div className="flex h-fit self-center rounded-lg opacity-0 transition-opacity focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
      <EmojiMenu
        trigger={
          <IconButton label={t`React`} className="size-8 max-sm:hidden">
            <SmilePlus size={16} />
          </IconButton>
        }
        onChoose={react}
      />
      <IconButton label={t`Reply`} className="size-8 max-sm:hidden" onPress={() => onReply(message)}>
        <Reply size={16} />
      </IconButton>
      <More
        message={message}
        rooms={rooms}
        own={own}
        mayDelete={mayDelete || (scene?.room.manages ?? false)}
        onReply={onReply}
        onReact={react}
      />
    </div>
  );
}

type MoreProps = Props & { onReact: (emoji: string) => void };

function More({ message, rooms, own, mayDelete, onReply, onReact }: MoreProps) {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  const [reacting, setReacting] = useState(false);
  const { edit } = useContext(EditingContext);
  const scene = useScene();
  const entries: MenuEntry[] = [
    { id: "reply", label: t`Reply`, onAction: () => onReply(message) },
    { id: "react", label: t`React`, onAction: () => setReacting(true) },
    ...useSceneEntries(message, rooms, scene),
    {
      id: "copy",
      label: t`Copy the text`,
      onAction: () => copy([message.text, message.text_en].filter(Boolean).join("\n\n"), t`Copied.`),
    },
    ...(own && !message.forwarded && !message.call
      ? [{ id: "edit", label: t`Edit`, onAction: () => edit(message.id) }]
      : []),
    ...(own || mayDelete
      ? [{ id: "delete", label: t`Delete for everyone`, danger: true, onAction: () => setAsking(true) }]
      : []),
  ];
  const remove = () =>
    rooms
      .remove(message.room, message.id)
      .catch(() => toast(t`The message could not be taken back.`, { tone: "danger" }));
  return (
    <>
      <Menu
        label={t`More`}
        entries={entries}
        trigger={
          <IconButton label={t`More`} className="size-8">
            <MoreHorizontal size={16} />
          </IconButton>
        }
      />
      <Dialog open={reacting} onClose={() => setReacting(false)} title={t`React`}>
        <EmojiRow
          onChoose={(emoji) => {
            setReacting(false);
            onReact(emoji);
          }}
        />
      </Dialog>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t`Delete this message for everyone?`}
        action={t`Delete for everyone`}
        danger
        onConfirm={remove}
      >
        {t`Its text disappears for everybody; the others see that a message was here.`}
      </Confirm>
    </>
  );
}

/** What is possible on the room's own page. */
function useSceneEntries(message: Message, rooms: Rooms, scene: Scene | undefined): MenuEntry[] {
  const { t } = useLingui();
  if (!scene) return [];
  const { room, show } = scene;
  const pin = (on: boolean) =>
    rooms
      .pin(message.room, message.id, on)
      .catch(() => toast(t`The message could not be pinned.`, { tone: "danger" }));
  const link = new URL(`/rooms/${message.room}?at=${message.seq}`, location.href).href;
  return [
    ...(message.call
      ? []
      : [{ id: "forward", label: t`Forward`, onAction: () => show({ kind: "forward", message }) }]),
    ...(room.manages || room.kind === "direct"
      ? [{ id: "pin", label: message.pin ? t`Unpin` : t`Pin`, onAction: () => pin(!message.pin) }]
      : []),
    { id: "readers", label: t`Who has read it`, onAction: () => show({ kind: "readers", message }) },
    { id: "link", label: t`Copy a link to it`, onAction: () => copy(link, t`Copied.`) },
  ];
}

async function copy(text: string, done: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  toast(done);
}

import { plural, t } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { BadgeCheck, CheckCheck } from "lucide-react";
import { Button as Plain } from "react-aria-components/Button";
import { useStore } from "zustand";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { toast } from "../ui/toast";
import type { Message } from "../wire/messages";
import { readersOf } from "./readers";
import { useScene } from "./scene";
import type { RoomsState } from "./state";
import type { Rooms } from "./store";

const nobody: { readonly [person: string]: number } = {};

/** Under the newest of our messages: how many have read it. */
export function ReadBy({ rooms, message }: { rooms: Rooms; message: Message }) {
  const scene = useScene();
  const isNewest = useStore(rooms.store, (s) => newestOwn(s, message.room)?.id === message.id);
  const readers = useStore(rooms.store, (s) => s.readers[message.room] ?? nobody);
  if (!scene || !isNewest || message.confirmation) return null;
  const others = readersOf(message, scene.room.members);
  const read = others.filter((m) => Math.max(m.read, readers[m.person.id] ?? 0) >= message.seq).length;
  if (read === 0) return null;
  return (
    <Plain
      data-read-by={read}
      className="flex min-h-6 items-center gap-1 px-1 text-ink-faint text-xs hover:text-ink hover:underline"
      onPress={() => scene.show({ kind: "readers", message })}
    >
      <CheckCheck size={13} aria-hidden="true" className="text-accent" />
      {words(scene.room.kind, read, others.length)}
    </Plain>
  );
}

function words(kind: string, read: number, of: number): string {
  if (kind === "direct") return t`Read`;
  if (read === of) return plural(of, { one: "Read by everybody", other: "Read by all #" });
  return plural(read, { one: "Read by #", other: "Read by #" });
}

function newestOwn(state: RoomsState, room: string): Message | undefined {
  return state.timelines[room]?.messages.findLast((m) => m.author.id === state.me?.id && !m.deleted);
}

/** A message that asks for confirmation: the button for its readers, the count for those who wait for it. */
export function ConfirmLine({ rooms, message, me }: { rooms: Rooms; message: Message; me: string }) {
  const { t } = useLingui();
  const scene = useScene();
  if (!message.confirmation) return null;
  const { by, urgent } = message.confirmation;
  const confirmed = by.length;
  const done = by.includes(me);
  const confirm = () =>
    rooms
      .confirm(message.room, message.id)
      .catch(() => toast(t`Your confirmation was not sent. Try again.`, { tone: "danger" }));
  return (
    <div className="flex flex-wrap items-center gap-2 pt-1.5">
      {urgent ? <span className="font-medium text-danger text-xs">{t`Urgent`}</span> : null}
      {message.author.id !== me && !done ? (
        <Button small look="primary" onPress={confirm}>
          <BadgeCheck size={16} />
          {t`Confirm that I have read it`}
        </Button>
      ) : null}
      {done ? (
        <span className="flex items-center gap-1 text-good text-sm">
          <BadgeCheck size={15} aria-hidden="true" />
          {t`You have confirmed this`}
        </span>
      ) : null}
      {scene ? (
        <Plain
          className={cx(
            "min-h-8 text-ink-soft text-sm underline decoration-dotted underline-offset-2 hover:text-ink",
          )}
          onPress={() => scene.show({ kind: "readers", message })}
        >
          {t`${confirmed} of ${readersOf(message, scene.room.members).length} confirmed`}
        </Plain>
      ) : null}
    </div>
  );
}

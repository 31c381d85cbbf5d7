import { useLingui } from "@lingui/react/macro";
import { RotateCw, X } from "lucide-react";
import { Attachments } from "../files/Attachments";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { Spinner } from "../ui/Spinner";
import type { Draft } from "./draft";
import { type Names, namesIn } from "./groups";
import { Words } from "./MessageBody";
import type { Rooms } from "./store";

interface Props {
  draft: Draft;
  rooms: Rooms;
  room: string;
  names: Names;
  zone: string;
}

/** What we wrote and the node has not confirmed yet. */
export function Unconfirmed({ draft, rooms, room, names, zone }: Props) {
  const { t } = useLingui();
  const failed = draft.state === "failed";
  const called = namesIn(
    { mentions: draft.mentions ?? [], mention_groups: draft.mentionGroups ?? [] },
    names,
  );
  return (
    <div className="flex flex-col items-end pt-1.5" data-draft={draft.state}>
      <div
        className={cx(
          "max-w-[min(36rem,82%)] rounded-2xl px-3.5 py-2",
          failed ? "bg-danger-soft" : "bg-accent-soft",
        )}
      >
        <Words text={draft.text} textEN={draft.text_en} names={called} zone={zone} />
        {draft.attachments?.length ? <Attachments list={draft.attachments} /> : null}
      </div>
      {failed ? (
        <div role="alert" className="flex items-center gap-1 text-danger text-xs">
          {t`Not sent`}
          <Button small look="plain" onPress={() => rooms.retry(room, draft.client_id)}>
            <RotateCw size={14} />
            {t`Send again`}
          </Button>
          <Button small look="plain" onPress={() => rooms.discard(room, draft.client_id)}>
            <X size={14} />
            {t`Discard`}
          </Button>
        </div>
      ) : (
        <p className="flex items-center gap-1.5 pt-0.5 text-ink-faint text-xs">
          <Spinner size={10} />
          {t`Sending…`}
        </p>
      )}
    </div>
  );
}

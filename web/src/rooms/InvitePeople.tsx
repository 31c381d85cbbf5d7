import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { RoomDetail } from "../api/types";
import { Button } from "../ui/Button";
import { AccountPicker } from "./AccountPicker";
import { useRoomChange } from "./RoomSettings";

/** Adds people to a group. */
export function InvitePeople({ room, onDone }: { room: RoomDetail; onDone: () => void }) {
  const { t } = useLingui();
  const change = useRoomChange(room);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [pending, setPending] = useState(false);
  const invite = async () => {
    setPending(true);
    if (await change("POST", "/members", { accounts: chosen })) onDone();
    setPending(false);
  };
  const toggle = (id: string) => setChosen((c) => (c.includes(id) ? c.filter((x) => x !== id) : [...c, id]));
  const there = new Set(room.members.map((m) => m.person.id));
  return (
    <div className="flex flex-col gap-3 rounded-xl border border-line p-3">
      <AccountPicker chosen={chosen} onToggle={toggle} without={there} />
      <div className="flex justify-end gap-2">
        <Button small onPress={onDone}>{t`Cancel`}</Button>
        <Button small look="primary" isDisabled={chosen.length === 0} isPending={pending} onPress={invite}>
          {plural(chosen.length, { one: "Invite # person", other: "Invite # people" })}
        </Button>
      </div>
    </div>
  );
}

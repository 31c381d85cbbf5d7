import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { MoreHorizontal, Phone } from "lucide-react";
import { useState } from "react";
import { useApart } from "../account/apart";
import { roleNames } from "../account/roles";
import type { RoomDetail } from "../api/types";
import { useRooms, useSession } from "../app/session";
import { useRing } from "../calls/useRing";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Confirm } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { Menu, type MenuEntry } from "../ui/Menu";
import { useRoomChange } from "./RoomSettings";

type Member = RoomDetail["members"][number];

const memberRoles: { [R in Member["role"]]: MessageDescriptor } = {
  owner: msg`Owner`,
  moderator: msg`Moderator`,
  member: msg`Member`,
};

/** Who is in a room and what they are there. Owners say who is what; moderators take out members. */
export function MemberList({ room }: { room: RoomDetail }) {
  const { t, i18n } = useLingui();
  const online = useRooms((s) => s.online);
  const { account } = useSession();
  const ring = useRing();
  const details = useApart(room.members.map((m) => m.person));
  return (
    <ul className="flex flex-col">
      {room.members.map((member) => {
        const { person, role, account_role } = member;
        return (
          <li key={person.id} className="flex min-h-12 items-center gap-3">
            <Avatar name={person.name} size={34} online={online.has(person.id)} />
            <span className="min-w-0 flex-1">
              <span className="block truncate">{person.name}</span>
              <span className="block truncate text-ink-faint text-xs">
                {person.kind === "guest"
                  ? t`Guest`
                  : (details.get(person.id) ?? i18n._(roleNames[account_role]))}
              </span>
            </span>
            {role === "member" || room.kind === "direct" ? null : (
              <Badge tone="accent">{i18n._(memberRoles[role])}</Badge>
            )}
            {person.id === account.id ? null : (
              <IconButton
                label={t`Call ${person.name}`}
                className="size-9"
                onPress={() => void ring.person(person.id)}
              >
                <Phone size={18} />
              </IconButton>
            )}
            <MemberMenu room={room} member={member} />
          </li>
        );
      })}
    </ul>
  );
}

function MemberMenu({ room, member }: { room: RoomDetail; member: Member }) {
  const { t } = useLingui();
  const { account } = useSession();
  const change = useRoomChange(room);
  const [asking, setAsking] = useState(false);
  const { person, role } = member;
  if (room.kind !== "group" || room.archived_at || person.id === account.id) return null;
  const become = (to: Member["role"], label: string): MenuEntry[] =>
    room.administers && role !== to
      ? [{ id: to, label, onAction: () => void change("PUT", `/members/${person.id}`, { role: to }) }]
      : [];
  const mayRemove = room.administers || (room.manages && role === "member");
  const entries = [
    ...become("owner", t`Make owner`),
    ...become("moderator", t`Make moderator`),
    ...become("member", t`Make ordinary member`),
    ...(mayRemove
      ? [{ id: "remove", label: t`Take out of the chat`, danger: true, onAction: () => setAsking(true) }]
      : []),
  ];
  if (entries.length === 0) return null;
  return (
    <>
      <Menu
        label={t`What ${person.name} is here`}
        entries={entries}
        trigger={
          <IconButton label={t`What ${person.name} is here`} className="size-9">
            <MoreHorizontal size={17} />
          </IconButton>
        }
      />
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t`Take ${person.name} out of this chat?`}
        action={t`Take out`}
        danger
        onConfirm={async () => void (await change("DELETE", `/members/${person.id}`))}
      >
        {t`They will not see its messages any more.`}
      </Confirm>
    </>
  );
}

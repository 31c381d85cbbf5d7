import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { Archive, ArchiveRestore, LogOut, UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import type { RoomDetail } from "../api/types";
import { queries } from "../app/queries";
import { useSession } from "../app/session";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Switch } from "../ui/Switch";
import { toast } from "../ui/toast";
import { Export } from "./Export";
import { InvitePeople } from "./InvitePeople";
import { MemberList } from "./MemberList";

/** A room as far as it can be changed: what one hears of it, what it is called, who is in it. */
export function RoomSettings({ room, onClose }: { room: RoomDetail; onClose: () => void }) {
  return (
    <div className="flex flex-col gap-6">
      <Hearing room={room} />
      {room.administers && room.kind === "group" ? (
        <Titles key={`${room.title} ${room.title_en}`} room={room} />
      ) : null}
      {room.administers ? <WhoWrites room={room} /> : null}
      <People room={room} />
      {room.manages || room.kind === "direct" ? <Export room={room} /> : null}
      <Leaving room={room} onClose={onClose} />
    </div>
  );
}

/** Changes something of a room and reads it again; says so when it was refused. */
export function useRoomChange(room: RoomDetail) {
  const { t } = useLingui();
  return async (
    method: "PATCH" | "PUT" | "POST" | "DELETE",
    path: string,
    body?: unknown,
  ): Promise<boolean> => {
    try {
      await call(method, `/rooms/${room.id}${path}`, body);
      return true;
    } catch {
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
      return false;
    } finally {
      await queries.invalidateQueries({ queryKey: ["rooms"] });
    }
  };
}

function Hearing({ room }: { room: RoomDetail }) {
  const { t } = useLingui();
  const change = useRoomChange(room);
  return (
    <Select
      label={t`Notify me about`}
      value={room.notify}
      options={[
        { value: "all", label: t`Every message` },
        { value: "mentions", label: t`Only what mentions me` },
        { value: "none", label: t`Nothing` },
      ]}
      onChange={(notify) => void change("PUT", "/notify", { notify })}
    />
  );
}

function Titles({ room }: { room: RoomDetail }) {
  const { t } = useLingui();
  const change = useRoomChange(room);
  const [title, setTitle] = useState(room.title);
  const [titleEN, setTitleEN] = useState(room.title_en);
  const [pending, setPending] = useState(false);
  const save = async (e: FormEvent) => {
    e.preventDefault();
    setPending(true);
    await change("PATCH", "", { title: title.trim(), title_en: titleEN.trim() });
    setPending(false);
  };
  const changed = title.trim() !== room.title || titleEN.trim() !== room.title_en;
  return (
    <form onSubmit={save} className="flex flex-col gap-3">
      <Field label={t`Name of the group`} value={title} onChange={setTitle} maxLength={80} isRequired />
      <Field label={t`Name in English`} value={titleEN} onChange={setTitleEN} maxLength={80} />
      {changed ? (
        <Button
          type="submit"
          small
          look="primary"
          className="self-end"
          isDisabled={title.trim() === ""}
          isPending={pending}
        >
          {t`Save`}
        </Button>
      ) : null}
    </form>
  );
}

function WhoWrites({ room }: { room: RoomDetail }) {
  const { t } = useLingui();
  const change = useRoomChange(room);
  return (
    <Switch
      isSelected={room.posting === "managers"}
      onChange={(on) => void change("PATCH", "", { posting: on ? "managers" : "members" })}
    >
      {t`For announcements: only managers write`}
    </Switch>
  );
}

function People({ room }: { room: RoomDetail }) {
  const { t } = useLingui();
  const [inviting, setInviting] = useState(false);
  const mayInvite =
    room.kind === "group" && !room.archived_at && (room.posting === "members" || room.manages);
  return (
    <section aria-label={t`Members (${room.members.length})`} className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-3">
        <h3 className="font-medium text-ink-soft text-sm">{t`Members (${room.members.length})`}</h3>
        {mayInvite && !inviting ? (
          <Button small onPress={() => setInviting(true)}>
            <UserPlus size={16} />
            {t`Invite`}
          </Button>
        ) : null}
      </div>
      {inviting ? <InvitePeople room={room} onDone={() => setInviting(false)} /> : null}
      <MemberList room={room} />
    </section>
  );
}

/** Leaves a group, or puts the room away. */
function Leaving({ room, onClose }: { room: RoomDetail; onClose: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { account } = useSession();
  const change = useRoomChange(room);
  const [asking, setAsking] = useState<"leave" | "archive">();
  const leave = async () => {
    if (!(await change("DELETE", `/members/${account.id}`))) return;
    onClose();
    await navigate({ to: "/rooms" });
  };
  const archive = async (archived: boolean) => {
    if (await change("PATCH", "", { archived })) onClose();
  };
  return (
    <div className="flex flex-wrap gap-3 border-line border-t pt-4">
      {room.kind === "group" ? (
        <Button small look="plain" className="text-danger" onPress={() => setAsking("leave")}>
          <LogOut size={16} />
          {t`Leave this chat`}
        </Button>
      ) : null}
      {room.administers && !room.archived_at ? (
        <Button small onPress={() => setAsking("archive")}>
          <Archive size={16} />
          {t`Archive`}
        </Button>
      ) : null}
      {room.administers && room.archived_at ? (
        <Button small onPress={() => archive(false)}>
          <ArchiveRestore size={16} />
          {t`Bring back from the archive`}
        </Button>
      ) : null}
      <Confirm
        open={asking === "leave"}
        onClose={() => setAsking(undefined)}
        title={t`Leave this chat?`}
        action={t`Leave`}
        danger
        onConfirm={leave}
      >
        {t`You will not see its messages any more. Somebody in it can invite you again.`}
      </Confirm>
      <Confirm
        open={asking === "archive"}
        onClose={() => setAsking(undefined)}
        title={t`Archive this chat?`}
        action={t`Archive`}
        onConfirm={() => archive(true)}
      >
        {t`Everybody can still read it, nobody can write. It can be brought back.`}
      </Confirm>
    </div>
  );
}

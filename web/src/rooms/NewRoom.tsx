import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../api/client";
import type { Room } from "../api/types";
import { queries } from "../app/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Switch } from "../ui/Switch";
import { toast } from "../ui/toast";
import { AccountPicker } from "./AccountPicker";

/** Begins a chat with one person, or a group with several. */
export function NewRoom({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [title, setTitle] = useState("");
  const [titleEN, setTitleEN] = useState("");
  const [announcing, setAnnouncing] = useState(false);
  const [pending, setPending] = useState(false);
  const close = () => {
    setChosen([]);
    setTitle("");
    setTitleEN("");
    setAnnouncing(false);
    onClose();
  };
  const create = async () => {
    setPending(true);
    try {
      const room =
        chosen.length === 1 && !announcing
          ? await call<Room>("POST", "/rooms/direct", { account: chosen[0] })
          : await call<Room>("POST", "/rooms", {
              title: title.trim(),
              title_en: titleEN.trim(),
              posting: announcing ? "managers" : "members",
              members: chosen,
            });
      await queries.invalidateQueries({ queryKey: ["rooms"] });
      close();
      await navigate({ to: "/rooms/$room", params: { room: room.id } });
    } catch {
      toast(t`The chat could not be made. Please try again.`, { tone: "danger" });
    } finally {
      setPending(false);
    }
  };
  const group = chosen.length > 1 || announcing;
  const ready = group ? title.trim() !== "" && chosen.length > 0 : chosen.length === 1;
  const footer = (
    <Button look="primary" isDisabled={!ready} isPending={pending} onPress={create}>
      {announcing ? t`Make announcement chat` : group ? t`Make group` : t`Begin`}
    </Button>
  );
  const toggle = (id: string) => setChosen((c) => (c.includes(id) ? c.filter((x) => x !== id) : [...c, id]));
  return (
    <Dialog open={open} onClose={close} title={t`New chat`} footer={footer}>
      <div className="flex flex-col gap-4">
        <Switch isSelected={announcing} onChange={setAnnouncing}>
          {t`For announcements: only managers write`}
        </Switch>
        {group ? (
          <>
            <Field label={t`Name of the group`} value={title} onChange={setTitle} maxLength={80} isRequired />
            <Field label={t`Name in English`} value={titleEN} onChange={setTitleEN} maxLength={80} />
          </>
        ) : null}
        <AccountPicker chosen={chosen} onToggle={toggle} />
      </div>
    </Dialog>
  );
}

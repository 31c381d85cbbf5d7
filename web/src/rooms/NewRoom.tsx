import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useState } from "react";
import { roleNames } from "../account/roles";
import { call } from "../api/client";
import type { Account, Room } from "../api/types";
import { accountsQuery, queries } from "../app/queries";
import { useSession } from "../app/session";
import { Avatar } from "../ui/Avatar";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";

/** Begins a chat with one person, or a group with several. */
export function NewRoom({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [title, setTitle] = useState("");
  const [pending, setPending] = useState(false);
  const close = () => {
    setChosen([]);
    setTitle("");
    onClose();
  };
  const create = async () => {
    setPending(true);
    try {
      const room =
        chosen.length === 1
          ? await call<Room>("POST", "/rooms/direct", { account: chosen[0] })
          : await call<Room>("POST", "/rooms", { title: title.trim(), members: chosen });
      await queries.invalidateQueries({ queryKey: ["rooms"] });
      close();
      await navigate({ to: "/rooms/$room", params: { room: room.id } });
    } catch {
      toast(t`The chat could not be made. Please try again.`, { tone: "danger" });
    } finally {
      setPending(false);
    }
  };
  const group = chosen.length > 1;
  const ready = chosen.length === 1 || (group && title.trim() !== "");
  const footer = (
    <Button look="primary" isDisabled={!ready} isPending={pending} onPress={create}>
      {group ? t`Make group` : t`Begin`}
    </Button>
  );
  const toggle = (id: string) => setChosen((c) => (c.includes(id) ? c.filter((x) => x !== id) : [...c, id]));
  return (
    <Dialog open={open} onClose={close} title={t`New chat`} footer={footer}>
      <div className="flex flex-col gap-4">
        {group ? (
          <Field label={t`Name of the group`} value={title} onChange={setTitle} maxLength={80} isRequired />
        ) : null}
        <AccountPicker chosen={chosen} onToggle={toggle} />
      </div>
    </Dialog>
  );
}

function AccountPicker({ chosen, onToggle }: { chosen: readonly string[]; onToggle: (id: string) => void }) {
  const { t, i18n } = useLingui();
  const { account } = useSession();
  const accounts = useQuery(accountsQuery);
  const [filter, setFilter] = useState("");
  if (accounts.isPending) return <Loading />;
  if (accounts.isError)
    return <Failed text={t`The list could not be loaded.`} onRetry={() => void accounts.refetch()} />;
  const wanted = filter.trim().toLowerCase();
  const matches = (a: Account) =>
    a.id !== account.id && !a.disabled && `${a.name} ${a.user_name}`.toLowerCase().includes(wanted);
  return (
    <>
      <Field
        label={t`Search people`}
        hideLabel
        placeholder={t`Search people`}
        value={filter}
        onChange={setFilter}
      />
      <ul className="flex max-h-80 flex-col overflow-y-auto" aria-label={t`People`}>
        {accounts.data.filter(matches).map((a) => {
          const isChosen = chosen.includes(a.id);
          return (
            <li key={a.id}>
              <button
                type="button"
                aria-pressed={isChosen}
                onClick={() => onToggle(a.id)}
                className={cx(
                  "flex min-h-12 w-full items-center gap-3 rounded-xl px-2 text-left",
                  isChosen ? "bg-accent-soft" : "hover:bg-sunken",
                )}
              >
                <Avatar id={a.id} name={a.name} size={32} />
                <span className="min-w-0 flex-1 truncate">{a.name}</span>
                <span className="text-ink-faint text-sm">{i18n._(roleNames[a.role])}</span>
                <Check size={18} className={cx("text-accent", !isChosen && "invisible")} />
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

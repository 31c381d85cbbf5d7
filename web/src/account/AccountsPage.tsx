import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Copy, KeyRound, MoreHorizontal, Pencil, Plus, UserCheck, UserX } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import type { Account } from "../api/types";
import { accountsQuery, queries } from "../app/queries";
import { useSession } from "../app/session";
import { usePageTitle } from "../app/title";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import { Menu } from "../ui/Menu";
import { Nowhere } from "../ui/Nowhere";
import { Empty, Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { AccountForm } from "./AccountForm";
import { roleNames } from "./roles";

/** Who has an account; administrators add, change and close them. */
export function AccountsPage() {
  const { t } = useLingui();
  usePageTitle(t`Accounts`);
  const accounts = useQuery(accountsQuery);
  const { account: me } = useSession();
  const [filter, setFilter] = useState("");
  const [editing, setEditing] = useState<Account | "new">();
  const [link, setLink] = useState<{ name: string; url: string }>();
  if (me.role !== "admin") return <Nowhere title={t`Only administrators see this page.`} />;
  const wanted = filter.trim().toLowerCase();
  const shown = accounts.data?.filter((a) =>
    `${a.name} ${a.user_name} ${a.email}`.toLowerCase().includes(wanted),
  );
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="font-semibold text-2xl">{t`Accounts`}</h1>
        <Button look="primary" onPress={() => setEditing("new")}>
          <Plus size={18} />
          {t`New account`}
        </Button>
      </header>
      <Field
        label={t`Search accounts`}
        hideLabel
        placeholder={t`Search accounts`}
        value={filter}
        onChange={setFilter}
      />
      {accounts.isPending ? <Loading /> : null}
      {accounts.isError ? (
        <Failed text={t`The list could not be loaded.`} onRetry={() => void accounts.refetch()} />
      ) : null}
      {shown?.length === 0 ? <Empty title={t`Nothing found`} /> : null}
      <ul className="divide-y divide-line rounded-2xl border border-line bg-surface empty:hidden">
        {shown?.map((a) => (
          <AccountRow
            key={a.id}
            account={a}
            onEdit={() => setEditing(a)}
            onLink={(url) => setLink({ name: a.name, url })}
          />
        ))}
      </ul>
      {editing ? (
        <AccountForm
          account={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onLink={(name, url) => setLink({ name, url })}
        />
      ) : null}
      {link ? <LinkDialog {...link} onClose={() => setLink(undefined)} /> : null}
    </div>
  );
}

function AccountRow({
  account,
  onEdit,
  onLink,
}: {
  account: Account;
  onEdit: () => void;
  onLink: (url: string) => void;
}) {
  const { t, i18n } = useLingui();
  const { account: me } = useSession();
  const change = async (work: () => Promise<void>) => {
    try {
      await work();
      await queries.invalidateQueries({ queryKey: ["accounts"] });
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
    }
  };
  const setDisabled = (disabled: boolean) =>
    change(async () => {
      await call("PATCH", `/accounts/${account.id}`, { disabled });
    });
  const newLink = () =>
    change(async () => onLink((await call<{ link: string }>("POST", `/accounts/${account.id}/link`)).link));
  const entries = [
    { id: "edit", label: t`Edit`, icon: <Pencil size={16} />, onAction: onEdit },
    { id: "link", label: t`New password link`, icon: <KeyRound size={16} />, onAction: () => void newLink() },
    account.disabled
      ? {
          id: "enable",
          label: t`Enable account`,
          icon: <UserCheck size={16} />,
          onAction: () => void setDisabled(false),
        }
      : {
          id: "disable",
          label: t`Disable account`,
          icon: <UserX size={16} />,
          danger: true,
          disabled: account.id === me.id,
          onAction: () => void setDisabled(true),
        },
  ];
  return (
    <li className="flex min-h-16 items-center gap-3 px-4 py-2">
      <Avatar name={account.name} />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium">{account.name}</span>
          {account.disabled ? <Badge tone="danger">{t`Disabled`}</Badge> : null}
        </p>
        <p className="truncate text-ink-faint text-sm">
          {account.user_name}
          {account.email ? ` · ${account.email}` : ""}
        </p>
      </div>
      <Badge tone={account.role === "admin" ? "accent" : "plain"}>{i18n._(roleNames[account.role])}</Badge>
      <Menu
        label={t`More about ${account.name}`}
        entries={entries}
        trigger={
          <IconButton label={t`More about ${account.name}`}>
            <MoreHorizontal size={18} />
          </IconButton>
        }
      />
    </li>
  );
}

function LinkDialog({ name, url, onClose }: { name: string; url: string; onClose: () => void }) {
  const { t } = useLingui();
  const copy = () =>
    navigator.clipboard.writeText(url).then(
      () => toast(t`The link has been copied.`),
      () => toast(t`Please select the link and copy it.`),
    );
  const footer = (
    <Button look="primary" onPress={() => void copy()}>
      <Copy size={18} />
      {t`Copy the link`}
    </Button>
  );
  return (
    <Dialog open onClose={onClose} title={t`A link for ${name}`} footer={footer}>
      <p className="pb-3 text-ink-soft">{t`With this link they choose a password and come in. It works once and is shown only now.`}</p>
      <p className="select-all break-all rounded-xl bg-sunken p-4 text-sm">{url}</p>
    </Dialog>
  );
}

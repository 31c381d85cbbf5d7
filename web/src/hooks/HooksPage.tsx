import { useLingui } from "@lingui/react/macro";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { MoreHorizontal, Pencil, Plus, Send, Trash2, Webhook } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import type { Hook } from "../api/types";
import { queries, roomsQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { roomTitle } from "../rooms/titles";
import { moment, zoneName } from "../time/format";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { Menu } from "../ui/Menu";
import { Empty, Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { HookForm } from "./HookForm";
import { hookNames } from "./words";

/** The hooks, for administrators. */
export const hooksQuery = queryOptions({
  queryKey: ["hooks"],
  queryFn: ({ signal }) => call<Hook[]>("GET", "/hooks", undefined, signal),
  refetchInterval: 5_000,
});

/** Where rooms' news leaves the house: robots of WeCom and DingTalk, and programs. */
export function HooksPage() {
  const { t } = useLingui();
  const { account } = useSession();
  if (account.role !== "admin") return <Empty title={t`Only administrators see this page.`} />;
  return <Hooks />;
}

function Hooks() {
  const { t } = useLingui();
  usePageTitle(t`Outgoing hooks`);
  const hooks = useQuery(hooksQuery);
  const [editing, setEditing] = useState<Hook | "new">();
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="font-semibold text-2xl">{t`Outgoing hooks`}</h1>
        <Button look="primary" onPress={() => setEditing("new")}>
          <Plus size={18} />
          {t`New hook`}
        </Button>
      </header>
      <p className="text-ink-soft">
        {t`New messages of rooms are announced to a group robot of WeCom or DingTalk, or to a program of yours. What two people say to each other never leaves.`}
      </p>
      {hooks.isPending ? <Loading /> : null}
      {hooks.isError ? (
        <Failed text={t`The list could not be loaded.`} onRetry={() => void hooks.refetch()} />
      ) : null}
      {hooks.data?.length === 0 ? (
        <Empty icon={<Webhook size={32} />} title={t`There are no hooks yet`} />
      ) : null}
      <ul className="flex flex-col divide-y divide-line rounded-2xl border border-line bg-surface empty:hidden">
        {hooks.data?.map((hook) => (
          <HookRow key={hook.id} hook={hook} onEdit={() => setEditing(hook)} />
        ))}
      </ul>
      {editing ? (
        <HookForm hook={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />
      ) : null}
    </div>
  );
}

function HookRow({ hook, onEdit }: { hook: Hook; onEdit: () => void }) {
  const { t, i18n } = useLingui();
  const rooms = useQuery(roomsQuery);
  const room = rooms.data?.find((r) => r.id === hook.room);
  const where = hook.room ? (room ? roomTitle(room, currentLanguage()) : t`One room`) : t`All rooms`;
  return (
    <li className="flex items-start gap-3 px-4 py-3">
      <div className="flex min-w-0 flex-1 flex-col gap-0.5">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{hook.name}</span>
          <State hook={hook} />
        </p>
        <p className="truncate text-ink-soft text-sm">
          {i18n._(hookNames[hook.kind])} · {hook.host} · {where}
        </p>
        <Trouble hook={hook} />
      </div>
      <HookMenu hook={hook} onEdit={onEdit} />
    </li>
  );
}

function State({ hook }: { hook: Hook }) {
  const { t } = useLingui();
  if (!hook.enabled) return <Badge tone={hook.last_error ? "danger" : "plain"}>{t`Off`}</Badge>;
  if (hook.failures > 0) return <Badge tone="warn">{t`Failing (${hook.failures})`}</Badge>;
  return <Badge tone="good">{hook.last_ok_at ? t`Works` : t`On`}</Badge>;
}

/** The last error and when it is tried again, on our own clock. */
function Trouble({ hook }: { hook: Hook }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  const at = (time: string) => `${moment(new Date(time), zone, language)} ${zoneName(zone, language)}`;
  return (
    <>
      {hook.last_error ? (
        <p className="break-words text-danger text-sm">{t`Last error: ${hook.last_error}`}</p>
      ) : null}
      {hook.next_try_at ? (
        <p className="text-ink-faint text-sm">{t`Next try: ${at(hook.next_try_at)}`}</p>
      ) : null}
      {hook.last_ok_at ? (
        <p className="text-ink-faint text-sm">{t`Last delivered: ${at(hook.last_ok_at)}`}</p>
      ) : null}
    </>
  );
}

function HookMenu({ hook, onEdit }: { hook: Hook; onEdit: () => void }) {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  const work = async (method: "POST" | "DELETE", path: string, done?: string) => {
    try {
      await call(method, path);
      if (done) toast(done);
      await queries.invalidateQueries({ queryKey: ["hooks"] });
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
    }
  };
  const test = () =>
    work("POST", `/hooks/${hook.id}/test`, t`A test is on its way. Its result appears here.`);
  const entries = [
    { id: "edit", label: t`Edit`, icon: <Pencil size={16} />, onAction: onEdit },
    { id: "test", label: t`Send a test`, icon: <Send size={16} />, onAction: () => void test() },
    {
      id: "delete",
      label: t`Delete`,
      icon: <Trash2 size={16} />,
      danger: true,
      onAction: () => setAsking(true),
    },
  ];
  return (
    <>
      <Menu
        label={t`More`}
        entries={entries}
        trigger={
          <IconButton label={t`More for ${hook.name}`}>
            <MoreHorizontal size={18} />
          </IconButton>
        }
      />
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t`Delete this hook?`}
        action={t`Delete`}
        danger
        onConfirm={() => work("DELETE", `/hooks/${hook.id}`)}
      >
        {t`${hook.name} gets nothing any more, also not what is on its way.`}
      </Confirm>
    </>
  );
}

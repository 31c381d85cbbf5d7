import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { FileDown, RotateCw, UserX } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import type { Erasure } from "../api/types";
import { accountsQuery, queries } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { erasuresQuery } from "./queries";

/** Whose data was erased, with the proofs, and the way to erase somebody's. */
export function Erasures() {
  const { t } = useLingui();
  const erasures = useQuery(erasuresQuery);
  const [asking, setAsking] = useState(false);
  return (
    <>
      {erasures.isPending ? <Loading /> : null}
      {erasures.isError ? (
        <Failed text={t`The list could not be loaded.`} onRetry={() => void erasures.refetch()} />
      ) : null}
      {erasures.data?.length === 0 ? (
        <p className="text-ink-faint text-sm">{t`Nobody's data was erased yet`}</p>
      ) : null}
      <ul className="flex flex-col divide-y divide-line empty:hidden">
        {erasures.data?.map((e) => (
          <ErasureRow key={e.id} erasure={e} />
        ))}
      </ul>
      <Button className="self-start" onPress={() => setAsking(true)}>
        <UserX size={18} />
        {t`Erase a person's data`}
      </Button>
      {asking ? <EraseDialog onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function ErasureRow({ erasure }: { erasure: Erasure }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  const at = `${moment(new Date(erasure.started_at), zone, language)} ${zoneName(zone, language)}`;
  const again = () => erase(erasure).catch(() => toast(t`That did not work. Try again.`, { tone: "danger" }));
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2">
          <code className="text-sm">{erasure.person_id.slice(-8)}</code>
          {erasure.finished_at ? (
            <Badge tone="good">{t`Nothing is left`}</Badge>
          ) : (
            <Badge tone="warn">{t`Not finished`}</Badge>
          )}
        </p>
        <p className="text-ink-soft text-sm">{erasure.reason}</p>
        <p className="text-ink-faint text-sm">
          {at} · {erasure.by_name}
        </p>
      </div>
      {erasure.finished_at ? (
        <a
          href={`/api/erasures/${erasure.id}`}
          download={`erasure-${erasure.person_id.slice(-8)}.json`}
          className="inline-flex min-h-9 items-center gap-2 rounded-[10px] px-3 text-accent text-sm hover:bg-sunken"
        >
          <FileDown size={16} />
          {t`Proof`}
        </a>
      ) : (
        <Button small onPress={() => void again()}>
          <RotateCw size={16} />
          {t`Finish it`}
        </Button>
      )}
    </li>
  );
}

async function erase(who: Pick<Erasure, "person_kind" | "person_id" | "reason">): Promise<Erasure> {
  const { person_kind, person_id, reason } = who;
  try {
    return await call<Erasure>("POST", "/erasures", { person_kind, person_id, reason });
  } finally {
    await queries.invalidateQueries({ queryKey: ["erasures"] });
    await queries.invalidateQueries({ queryKey: ["accounts"] });
  }
}

/** Asks who, why, and once more: for the name, so that nobody is erased by a slip. */
function EraseDialog({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const { account: me } = useSession();
  const accounts = useQuery(accountsQuery);
  const [id, setId] = useState("");
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [pending, setPending] = useState(false);
  const others = (accounts.data ?? []).filter((a) => a.id !== me.id);
  const chosen = others.find((a) => a.id === id);
  const ready = chosen !== undefined && reason.trim() !== "" && typed.trim() === chosen.user_name;
  const submit = async () => {
    if (!chosen) return;
    setPending(true);
    try {
      const done = await erase({ person_kind: "account", person_id: chosen.id, reason: reason.trim() });
      const messages = rooms(done);
      toast(plural(messages, { one: "Erased; # message is gone.", other: "Erased; # messages are gone." }));
      onClose();
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
      setPending(false);
    }
  };
  const footer = (
    <>
      <Button onPress={onClose}>{t`Cancel`}</Button>
      <Button look="danger" isDisabled={!ready} isPending={pending} onPress={() => void submit()}>
        {t`Erase for good`}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t`Erase a person's data`} footer={footer}>
      <div className="flex flex-col gap-4">
        <Select
          label={t`Whose`}
          value={id}
          options={[
            { value: "", label: t`Choose a person` },
            ...others.map((a) => ({ value: a.id, label: `${a.name} (${a.user_name})` })),
          ]}
          onChange={setId}
        />
        <Field label={t`Why`} value={reason} onChange={setReason} maxLength={500} rows={2} isRequired />
        {chosen ? (
          <Field
            label={t`Type ${chosen.user_name} to confirm`}
            value={typed}
            onChange={setTyped}
            autoComplete="off"
            isRequired
          />
        ) : null}
        <p className="text-ink-soft text-sm">{t`The account is closed and its messages and files are removed from every chat. This cannot be undone.`}</p>
      </div>
    </Dialog>
  );
}

/** How many messages a proof says are gone. */
function rooms(erasure: Erasure): number {
  const erased: unknown = erasure.proof.parts.find((p) => p.part === "rooms")?.erased;
  if (typeof erased !== "object" || erased === null || !("messages" in erased)) return 0;
  return Number(erased.messages);
}

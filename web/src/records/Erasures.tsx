import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { FileDown, RotateCw, UserX } from "lucide-react";
import { useState } from "react";
import type { Erasure, Place } from "../api/types";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { EraseDialog } from "./EraseDialog";
import { erase, erasuresQuery } from "./queries";

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
            <Badge tone="good">{t`Erased`}</Badge>
          ) : (
            <Badge tone="warn">{t`Not finished`}</Badge>
          )}
        </p>
        <p className="text-ink-soft text-sm">{erasure.reason}</p>
        {erasure.proof.found ? <StillFound places={erasure.proof.found} /> : null}
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

/** Where the old name or address is still found, and stays. */
function StillFound({ places }: { places: Place[] }) {
  const { t, i18n } = useLingui();
  if (places.length === 0)
    return <p className="text-ink-soft text-sm">{t`The old name and address are found nowhere.`}</p>;
  const why: Record<Place["kept"], string> = {
    "": t`others of the same name`,
    minutes_and_attendance: t`minutes and attendance`,
    recordings: t`recordings`,
    words_of_others: t`what others wrote`,
    audit: t`the audit log`,
    directory: t`contacts (delete them there)`,
  };
  const words = [...new Set(places.map((p) => why[p.kept]))];
  const list = new Intl.ListFormat(i18n.locale, { type: "conjunction" }).format(words);
  return <p className="text-ink-soft text-sm">{t`The old name or address is still found in: ${list}`}</p>;
}

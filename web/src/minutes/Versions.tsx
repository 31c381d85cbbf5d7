import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { BlockVersion } from "../api/types";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { Dialog } from "../ui/Dialog";
import { Failed, Loading } from "../ui/states";

interface Props {
  minutes: string;
  block: string;
  onClose: () => void;
}

/** What a block said before, by whom and when. */
export function Versions({ minutes, block, onClose }: Props) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  const versions = useQuery({
    queryKey: ["minutes", minutes, "versions", block],
    queryFn: () => call<BlockVersion[]>("GET", `/minutes/${minutes}/blocks/${block}/versions`),
    staleTime: 0,
  });
  return (
    <Dialog open onClose={onClose} title={t`Earlier versions`} wide>
      {versions.isPending ? <Loading /> : null}
      {versions.isError ? (
        <Failed text={t`The list could not be loaded.`} onRetry={() => void versions.refetch()} />
      ) : null}
      <p className="pb-2 text-ink-faint text-sm">{t`All times: ${zoneName(zone, language)}`}</p>
      <ol className="flex flex-col divide-y divide-line">
        {versions.data?.map((v) => (
          <li key={v.revision} className="py-3">
            <p className="tabular text-ink-soft text-sm">
              {v.by_name} · {moment(new Date(v.at), zone, language)}
              {v.deleted ? ` · ${t`deleted`}` : ""}
            </p>
            <p className="whitespace-pre-wrap">{v.text}</p>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

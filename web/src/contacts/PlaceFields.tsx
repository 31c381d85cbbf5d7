import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { zoneOptions } from "../account/zones";
import { stationsQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { currentLanguage, languageNames, languages } from "../i18n/language";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import type { PartProps } from "./ContactForm";
import { countryOptions } from "./country";

/** Where somebody is, on which clock, in which language, and which station keeps them. */
export function PlaceFields({ draft, set, wrong }: PartProps) {
  const { t } = useLingui();
  const { account } = useSession();
  const own = useZone();
  const stations = useQuery(stationsQuery);
  const language = currentLanguage();
  const countries = useMemo(() => countryOptions(language), [language]);
  const zones = useMemo(() => zoneOptions(draft.timeZone || own, language), [draft.timeZone, own, language]);
  const unknown = { value: "" as const, label: t`Unknown` };
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Select
        label={t`Country or region`}
        value={draft.country}
        options={[unknown, ...countries]}
        onChange={(country) => set({ country })}
      />
      <Field label={t`City`} value={draft.city} onChange={(city) => set({ city })} maxLength={100} />
      <Select
        label={t`Time zone`}
        value={draft.timeZone}
        options={[unknown, ...zones]}
        onChange={(timeZone) => set({ timeZone })}
      />
      <Select
        label={t`Language`}
        value={draft.language}
        options={[
          ...(draft.language === "" ? [unknown] : []),
          ...languages.map((l) => ({ value: l, label: languageNames[l] })),
        ]}
        onChange={(spoken) => set({ language: spoken })}
      />
      <div className="sm:col-span-2">
        <Select
          label={t`Station`}
          value={draft.station}
          disabled={account.role === "station"}
          options={[
            { value: "", label: t`No station` },
            ...(stations.data ?? []).map((s) => ({
              value: s.id,
              label: language === "en" ? s.name_en : s.name,
            })),
          ]}
          onChange={(station) => set({ station })}
        />
        {wrong("station_id", "") === undefined ? null : (
          <p className="pt-1.5 text-danger text-sm">{t`This station cannot be chosen.`}</p>
        )}
      </div>
    </div>
  );
}

import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { stationsQuery } from "../app/queries";
import { currentLanguage } from "../i18n/language";
import { Button } from "../ui/Button";
import { categoryName } from "./categories";
import { countryName } from "./country";
import type { Draft } from "./draft";
import type { Clash } from "./EditPage";
import { type Part, take } from "./merge";
import { categoriesQuery } from "./queries";
import { partNames } from "./words";

interface Props {
  clash: Clash;
  draft: Draft;
  onTake: (draft: Draft) => void;
}

/** Says that somebody else saved first, and shows what both changed, to choose from. */
export function ClashNotice({ clash, draft, onTake }: Props) {
  const { t, i18n } = useLingui();
  const [taken, setTaken] = useState<readonly Part[]>([]);
  const inWords = useWords();
  const notice = useRef<HTMLElement>(null);
  // The button that was pressed is far below.
  // biome-ignore lint/correctness/useExhaustiveDependencies: every new clash is shown anew
  useEffect(() => notice.current?.scrollIntoView({ block: "center" }), [clash]);
  const open = clash.clashes.filter((part) => !taken.includes(part));
  return (
    <section ref={notice} role="alert" className="flex flex-col gap-3 rounded-2xl bg-warn-soft p-5">
      <p className="font-medium">{t`Somebody else has changed this contact meanwhile. Nothing has been saved yet.`}</p>
      <p>{t`Their changes have been added to yours below. Please look it through and save again.`}</p>
      {open.map((part) => (
        <div key={part} className="flex flex-wrap items-center gap-3 rounded-xl bg-surface p-3">
          <p className="min-w-48 flex-1 whitespace-pre-wrap">
            <span className="block text-ink-faint text-sm">{t`Both of you changed: ${i18n._(partNames[part])}`}</span>
            {t`They wrote: ${inWords(clash.theirs, part)}`}
          </p>
          <Button
            small
            onPress={() => {
              onTake(take(draft, clash.theirs, part));
              setTaken([...taken, part]);
            }}
          >
            {t`Take theirs`}
          </Button>
        </div>
      ))}
    </section>
  );
}

function useWords(): (draft: Draft, part: Part) => string {
  const { t } = useLingui();
  const language = currentLanguage();
  const stations = useQuery(stationsQuery);
  const categories = useQuery(categoriesQuery);
  const comma = language === "en" ? ", " : "、";
  return (draft, part) => {
    switch (part) {
      case "kind":
        return draft.kind === "person" ? t`Person` : t`Organisation`;
      case "organisation":
        return draft.organisation.name || t`nothing`;
      case "categories": {
        const named = (categories.data ?? []).filter((c) => draft.categories.includes(c.id));
        return named.map((c) => categoryName(c, language)).join(comma) || t`nothing`;
      }
      case "country":
        return countryName(draft.country, language) || t`nothing`;
      case "station": {
        const station = stations.data?.find((s) => s.id === draft.station);
        return (language === "en" ? station?.name_en : station?.name) ?? t`nothing`;
      }
      case "fields":
        return draft.fields.map((f) => f.value).join(comma) || t`nothing`;
      default:
        return draft[part] || t`nothing`;
    }
  };
}

import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { zoneOptions } from "../account/zones";
import type { Problem } from "../api/problem";
import { serverQuery } from "../app/queries";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { day, duration, moment, zoneName } from "../time/format";
import { distinctZones, instantOf } from "../time/zones";
import { cx } from "../ui/cx";
import { Confirm } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { beginning, type Draft, isOvernight, localSpan, minutesOf, startOf } from "./draft";

/** A part of the form: what is written, how it is changed, and what the hub refused of it. */
export interface PartProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  problem?: Problem | undefined;
  /** It is held now, and keeps its beginning. */
  begun: boolean;
}

/** When a meeting is: its end follows its beginning, and how long that is stands below. */
export function When({ draft, set, problem, begun }: PartProps) {
  const { t } = useLingui();
  const language = currentLanguage();
  const zones = useMemo(() => zoneOptions(draft.zone, language), [draft.zone, language]);
  const skipped = draft.date !== "" && draft.from !== "" && startOf(draft) === undefined;
  const unfit = t`This time does not exist in that zone, has passed, or is more than five years ahead.`;
  const wrong = (field: string, words: string) => (problem && field in problem.fields ? words : undefined);
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field
          label={t`Day`}
          type="date"
          value={draft.date}
          onChange={(date) => set({ date })}
          isDisabled={begun}
          isRequired
        />
        <Field
          label={t`Begins`}
          type="time"
          value={draft.from}
          onChange={(from) => set(beginning(draft, from))}
          isDisabled={begun}
          error={
            skipped ? t`The clocks are put forward over this time on that day.` : wrong("starts_at", unfit)
          }
          isRequired
        />
        <Field
          label={t`Ends`}
          type="time"
          value={draft.to}
          onChange={(to) => set({ to })}
          error={wrong("ends_at", t`The end has to be after the beginning.`)}
          isRequired
        />
      </div>
      <Length draft={draft} />
      <Select
        label={t`Time zone`}
        value={draft.zone}
        options={zones}
        onChange={(zone) => set({ zone })}
        disabled={begun}
      />
      <OwnClock draft={draft} />
    </>
  );
}

/** From when on a meeting is longer than anybody means, in minutes. */
const long = 4 * 60;

/** How long the meeting is, and a word where that is probably not meant. */
function Length({ draft }: { draft: Draft }) {
  const { t } = useLingui();
  const minutes = minutesOf(draft);
  if (minutes === undefined) return null;
  const odd = [
    isOvernight(draft) && t`ends the next day`,
    minutes > long && t`that is long: please check the end`,
  ].filter((word) => word !== false);
  return (
    <p role="status" className={cx("tabular -mt-2 text-sm", odd.length > 0 ? "text-warn" : "text-ink-soft")}>
      {[t`Length: ${duration(minutes, currentLanguage())}`, ...odd].join(" · ")}
    </p>
  );
}

interface OvernightProps {
  draft: Draft;
  open: boolean;
  action: string;
  onClose: () => void;
  onConfirm: () => Promise<void>;
}

/** Asks whether a meeting is meant to end on another day than it begins. */
export function Overnight({ draft, open, action, onClose, onConfirm }: OvernightProps) {
  const { t } = useLingui();
  const language = currentLanguage();
  const ends = instantOf(localSpan(draft).to, draft.zone);
  const lasts = duration(minutesOf(draft) ?? 0, language);
  const at = ends ? `${day(ends, draft.zone, language)} ${draft.to}` : draft.to;
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={t`Does the meeting end the next day?`}
      action={action}
      onConfirm={onConfirm}
    >
      <p>{t`It begins at ${draft.from}, ends on ${at} and lasts ${lasts}.`}</p>
    </Confirm>
  );
}

/** The beginning on the clocks of whoever arranges and of the house, where they differ. */
function OwnClock({ draft }: { draft: Draft }) {
  const server = useQuery(serverQuery);
  const own = useZone();
  const at = startOf(draft);
  const language = currentLanguage();
  if (!at) return null;
  const zones = distinctZones([draft.zone, own, server.data?.reference_zone ?? own]).slice(1);
  return zones.map((z) => (
    <p key={z} className="tabular text-ink-soft text-sm">
      = {moment(at, z, language)} {zoneName(z, language)}
    </p>
  ));
}

import { useLingui } from "@lingui/react/macro";
import { Plus, X } from "lucide-react";
import { useEffect, useState } from "react";
import type { Attendee, Minutes } from "../api/types";
import { queries } from "../app/queries";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import { toast } from "../ui/toast";
import { type HeadField, saveHead } from "./head";

type TextField = "title" | "place" | "host_name" | "recorder_name" | "copies_to";
type ListField = "present" | "attending" | "absent";

/** Something that is written here and saved when one leaves it. */
function useHead<F extends HeadField>(minutes: Minutes, field: F) {
  const { t } = useLingui();
  const [base, setBase] = useState(minutes[field]);
  const [value, setValue] = useState(minutes[field]);
  const [theirs, setTheirs] = useState<Minutes[F]>();
  const changed = JSON.stringify(value) !== JSON.stringify(base);
  const incoming = minutes[field];
  // What others save appears here as long as nothing is being written.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only news from the server matter
  useEffect(() => {
    if (changed) return;
    setBase(incoming);
    setValue(incoming);
  }, [incoming]);
  const save = async (wanted: Minutes[F], on: Minutes[F]) => {
    if (JSON.stringify(wanted) === JSON.stringify(on)) return;
    try {
      const result = await saveHead(minutes, field, wanted, on);
      queries.setQueryData(["minutes", minutes.id], result.minutes);
      setBase(result.minutes[field]);
      setTheirs(result.outcome === "clash" ? result.minutes[field] : undefined);
    } catch {
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
    }
  };
  return {
    value,
    theirs,
    write: setValue,
    save: () => void save(value, base),
    saveThis: (wanted: Minutes[F]) => {
      setValue(wanted);
      void save(wanted, base);
    },
    takeTheirs: () => {
      if (theirs === undefined) return;
      setValue(theirs);
      setTheirs(undefined);
    },
    keepMine: () => {
      if (theirs === undefined) return;
      setTheirs(undefined);
      void save(value, theirs);
    },
  };
}

function Clash({ theirs, take, keep }: { theirs: string; take: () => void; keep: () => void }) {
  const { t } = useLingui();
  return (
    <div role="alert" className="flex flex-wrap items-center gap-2 rounded-xl bg-warn-soft p-3 text-sm">
      <span className="flex-1">{t`Somebody else has written: ${theirs}`}</span>
      <Button small onPress={take}>{t`Take theirs`}</Button>
      <Button small onPress={keep}>{t`Keep mine`}</Button>
    </div>
  );
}

/** A part that can no longer be written, or not by us. */
function ReadOnly({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex gap-4">
      <p className="w-20 shrink-0 text-ink-faint">{label}</p>
      <p className="min-w-0 flex-1">{text || "—"}</p>
    </div>
  );
}

/** One line of the minutes' head. */
export function HeadText({ minutes, field, label }: { minutes: Minutes; field: TextField; label: string }) {
  const head = useHead(minutes, field);
  if (!minutes.may.edit) return <ReadOnly label={label} text={head.value} />;
  return (
    <div className="flex flex-col gap-2">
      <Field label={label} value={head.value} onChange={head.write} onBlur={head.save} />
      {head.theirs === undefined ? null : (
        <Clash theirs={head.theirs} take={head.takeTheirs} keep={head.keepMine} />
      )}
    </div>
  );
}

/** Those present, attending or absent, each with unit and title. */
export function HeadList({ minutes, field, label }: { minutes: Minutes; field: ListField; label: string }) {
  const { t } = useLingui();
  const head = useHead(minutes, field);
  const change = (at: number, part: Partial<Attendee>) =>
    head.write(head.value.map((a, i) => (i === at ? { ...a, ...part } : a)));
  const names = (list: Attendee[]) => list.map((a) => a.name).join("、");
  if (!minutes.may.edit) return <ReadOnly label={label} text={names(head.value)} />;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="pb-1.5 font-medium text-ink-soft text-sm">{label}</legend>
      {head.value.map((a, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <div key={i} className="flex items-center gap-2">
          <div className="grid flex-1 gap-2 sm:grid-cols-3">
            <Field
              label={t`Name`}
              hideLabel
              placeholder={t`Name`}
              value={a.name}
              onChange={(name) => change(i, { name })}
              onBlur={head.save}
            />
            <Field
              label={t`Unit`}
              hideLabel
              placeholder={t`Unit`}
              value={a.unit}
              onChange={(unit) => change(i, { unit })}
              onBlur={head.save}
            />
            <Field
              label={t`Post`}
              hideLabel
              placeholder={t`Post`}
              value={a.title}
              onChange={(title) => change(i, { title })}
              onBlur={head.save}
            />
          </div>
          <IconButton
            label={t`Remove ${a.name}`}
            onPress={() => head.saveThis(head.value.filter((_, n) => n !== i))}
          >
            <X size={18} />
          </IconButton>
        </div>
      ))}
      <Button
        small
        className="self-start"
        onPress={() => head.write([...head.value, { name: "", unit: "", title: "" }])}
      >
        <Plus size={16} />
        {t`Add a person`}
      </Button>
      {head.theirs === undefined ? null : (
        <Clash theirs={names(head.theirs)} take={head.takeTheirs} keep={head.keepMine} />
      )}
    </fieldset>
  );
}

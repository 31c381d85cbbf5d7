import { useLingui } from "@lingui/react/macro";
import { Plus, X } from "lucide-react";
import type { Attendee, Minutes } from "../api/types";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import { type HeadPhase, useHead } from "./useHead";

type TextField = "title" | "place" | "host_name" | "recorder_name" | "copies_to";
type ListField = "present" | "attending" | "absent";

/** Says that a part is on its way, or could not be saved; nothing when all is well. */
function HeadState({ phase }: { phase: HeadPhase }) {
  const { t } = useLingui();
  if (phase === "changed" || phase === "saving") {
    return <p role="status" className="text-ink-faint text-sm">{t`Saving…`}</p>;
  }
  if (phase === "failed")
    return <p role="alert" className="text-sm text-warn">{t`Not saved yet, trying again`}</p>;
  return null;
}

function Clash({ theirs, settle }: { theirs: string; settle: (choice: "mine" | "theirs") => void }) {
  const { t } = useLingui();
  return (
    <div role="alert" className="flex flex-wrap items-center gap-2 rounded-xl bg-warn-soft p-3 text-sm">
      <span className="flex-1">{t`Somebody else has written: ${theirs}`}</span>
      <Button small onPress={() => settle("theirs")}>{t`Take theirs`}</Button>
      <Button small onPress={() => settle("mine")}>{t`Keep mine`}</Button>
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
      <HeadState phase={head.phase} />
      {head.theirs === undefined ? null : <Clash theirs={head.theirs} settle={head.settle} />}
    </div>
  );
}

/** Those present, attending or absent, each with unit and title. */
export function HeadList({ minutes, field, label }: { minutes: Minutes; field: ListField; label: string }) {
  const { t } = useLingui();
  const head = useHead(minutes, field);
  const change = (at: number, part: Partial<Attendee>) =>
    head.write(head.value.map((a, i) => (i === at ? { ...a, ...part } : a)));
  const names = (list: Attendee[]) => list.map(inWords).join("、");
  if (!minutes.may.edit) return <ReadOnly label={label} text={names(head.value)} />;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="pb-1.5 font-medium text-ink-soft text-sm">{label}</legend>
      {head.value.map((a, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <div key={i} className="flex items-center gap-2 max-sm:rounded-xl max-sm:bg-sunken max-sm:p-2.5">
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
            onPress={() => head.write(head.value.filter((_, n) => n !== i))}
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
      <HeadState phase={head.phase} />
      {head.theirs === undefined ? null : <Clash theirs={names(head.theirs)} settle={head.settle} />}
    </fieldset>
  );
}

/** Somebody with unit and post: 王一（某单位 会长）. */
function inWords({ name, unit, title }: Attendee): string {
  const more = [unit, title].filter(Boolean).join(" ");
  return more === "" ? name : `${name}（${more}）`;
}

import { useLingui } from "@lingui/react/macro";
import { Plus, X } from "lucide-react";
import type { ContactFieldKind } from "../api/types";
import { clientId } from "../rooms/clientId";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import { Select } from "../ui/Select";
import type { PartProps } from "./ContactForm";
import { type FieldDraft, sentFields } from "./draft";
import { fieldNames } from "./words";

const kinds: readonly ContactFieldKind[] = [
  "phone",
  "email",
  "wechat",
  "address",
  "field_of_work",
  "birth_place",
  "other",
];

/** The facts about a contact, each with where it comes from and when it was last checked. */
export function FieldRows({ draft, set, wrong }: PartProps) {
  const { t } = useLingui();
  const sent = sentFields(draft);
  const change = (key: string, part: Partial<FieldDraft>) =>
    set({ fields: draft.fields.map((f) => (f.key === key ? { ...f, ...part } : f)) });
  const add = () => {
    const next = kinds.find((k) => !draft.fields.some((f) => f.kind === k)) ?? "other";
    const blank = { label: "", value: "", source: "", verified: "" };
    set({ fields: [...draft.fields, { key: clientId(), kind: next, ...blank }] });
  };
  return (
    <>
      {draft.fields.map((f) => {
        const at = `fields[${sent.indexOf(f)}]`;
        return (
          <FieldRow
            key={f.key}
            field={f}
            error={wrong(`${at}.value`, t`Please check this.`)}
            dateError={wrong(`${at}.verified_at`, t`Please check the date.`)}
            onChange={(part) => change(f.key, part)}
            onRemove={() => set({ fields: draft.fields.filter((other) => other !== f) })}
          />
        );
      })}
      <Button small className="self-start" onPress={add}>
        <Plus size={16} />
        {t`Add a detail`}
      </Button>
    </>
  );
}

interface RowProps {
  field: FieldDraft;
  error: string | undefined;
  dateError: string | undefined;
  onChange: (part: Partial<FieldDraft>) => void;
  onRemove: () => void;
}

function FieldRow({ field, error, dateError, onChange, onRemove }: RowProps) {
  const { t, i18n } = useLingui();
  const name = field.label || i18n._(fieldNames[field.kind]);
  return (
    <fieldset className="flex flex-col gap-3 rounded-xl bg-sunken/60 p-4">
      <legend className="sr-only">{name}</legend>
      <div className="flex flex-wrap items-end gap-3 sm:flex-nowrap">
        <Select
          className="min-w-36 flex-1 sm:flex-none"
          label={t`Type`}
          value={field.kind}
          options={kinds.map((k) => ({ value: k, label: i18n._(fieldNames[k]) }))}
          onChange={(kind) => onChange({ kind })}
        />
        <Field
          className="order-last min-w-0 basis-full sm:order-none sm:flex-1 sm:basis-0"
          label={name}
          value={field.value}
          onChange={(value) => onChange({ value })}
          error={error}
          maxLength={1000}
        />
        <IconButton label={t`Remove ${name}`} onPress={onRemove}>
          <X size={18} />
        </IconButton>
      </div>
      <div className="grid gap-3 sm:grid-cols-3">
        <Field
          label={t`Name of the detail`}
          placeholder={i18n._(fieldNames[field.kind])}
          value={field.label}
          onChange={(label) => onChange({ label })}
          maxLength={100}
        />
        <Field
          label={t`Source`}
          placeholder={t`For instance a visiting card`}
          value={field.source}
          onChange={(source) => onChange({ source })}
          maxLength={200}
        />
        <Field
          label={t`Last verified on`}
          type="date"
          value={field.verified}
          onChange={(verified) => onChange({ verified })}
          error={dateError}
        />
      </div>
    </fieldset>
  );
}

import { useLingui } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useState } from "react";
import { Problem } from "../api/problem";
import { differs, LeaveGuard } from "../app/LeaveGuard";
import { usePageTitle } from "../app/title";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { useFirstWrong } from "../ui/useFirstWrong";
import { CategoryChoice } from "./CategoryChoice";
import { ClashNotice } from "./ClashNotice";
import type { Draft } from "./draft";
import type { Clash } from "./EditPage";
import { FieldRows } from "./FieldRows";
import { OrganisationField } from "./OrganisationField";
import { PlaceFields } from "./PlaceFields";
import { partNames } from "./words";

interface Props {
  title: string;
  first: Draft;
  /** Saves; when somebody else saved first, both changes come back together. */
  onSave: (draft: Draft) => Promise<Clash | undefined>;
}

/** What each part of the form needs. */
export interface PartProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  /** The words for a field the server refused. */
  wrong: (field: string, words: string) => string | undefined;
}

/** Everything about a contact that can be written. */
export function ContactForm({ title, first, onSave }: Props) {
  const { t } = useLingui();
  usePageTitle(title);
  const [draft, setDraft] = useState(first);
  const [clash, setClash] = useState<Clash>();
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const form = useFirstWrong(problem);
  const set = (part: Partial<Draft>) => setDraft((d) => ({ ...d, ...part }));
  const wrong = (field: string, words: string) => (problem && field in problem.fields ? words : undefined);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setProblem(undefined);
    try {
      const found = await onSave(draft);
      setClash(found);
      if (found) setDraft(found.draft);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, {}));
    } finally {
      setPending(false);
    }
  };
  const parts = { draft, set, wrong };
  return (
    <form
      ref={form}
      onSubmit={(e) => void submit(e)}
      className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10"
    >
      <LeaveGuard unsaved={!pending && differs(draft, first)} />
      <h1 className="font-semibold text-2xl">{title}</h1>
      {clash ? <ClashNotice clash={clash} draft={draft} onTake={setDraft} /> : null}
      <WhoPart {...parts} />
      <Part title={t`Categories`}>
        <CategoryChoice chosen={draft.categories} onChange={(categories) => set({ categories })} />
      </Part>
      <Part title={t`Place and language`}>
        <PlaceFields {...parts} />
      </Part>
      <Part title={t`Details`}>
        <FieldRows {...parts} />
      </Part>
      <Part title={t`Notes`}>
        <Field
          label={t`Notes`}
          hideLabel
          rows={4}
          value={draft.notes}
          onChange={(notes) => set({ notes })}
          maxLength={10000}
        />
      </Part>
      {problem ? <Refused problem={problem} /> : null}
      <Button type="submit" look="primary" isPending={pending} isDisabled={draft.name.trim() === ""}>
        {t`Save`}
      </Button>
    </form>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 rounded-2xl border border-line bg-surface p-5 md:p-6">
      <h2 className="font-semibold text-lg">{title}</h2>
      {children}
    </section>
  );
}

function Refused({ problem }: { problem: Problem }) {
  const { t } = useLingui();
  const named = Object.keys(problem.fields).length > 0;
  const words =
    problem.status === 403
      ? t`You may not save this contact.`
      : named
        ? t`Please check what is marked.`
        : t`That did not work. Please try again.`;
  return (
    <p role="alert" className="rounded-xl bg-danger-soft px-4 py-3">
      {words}
    </p>
  );
}

function WhoPart({ draft, set, wrong }: PartProps) {
  const { t, i18n } = useLingui();
  const person = draft.kind === "person";
  return (
    <Part title={person ? t`Person` : t`Organisation`}>
      <Select
        label={t`Type`}
        value={draft.kind}
        options={[
          { value: "person", label: t`Person` },
          { value: "organisation", label: t`Organisation` },
        ]}
        onChange={(kind) => set({ kind })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={person ? t`Name` : t`Name of the organisation`}
          value={draft.name}
          onChange={(name) => set({ name })}
          error={wrong("name", t`Please enter a name.`)}
          maxLength={200}
          isRequired
        />
        <Field
          label={i18n._(partNames.nameLatin)}
          value={draft.nameLatin}
          onChange={(nameLatin) => set({ nameLatin })}
          maxLength={200}
        />
      </div>
      <Field
        label={t`Other names`}
        hint={t`One on each line.`}
        rows={2}
        value={draft.aliases}
        onChange={(aliases) => set({ aliases })}
        error={wrong("aliases", t`At most 20 names of 200 characters.`)}
      />
      {person ? (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label={t`Job title`}
            value={draft.title}
            onChange={(title) => set({ title })}
            maxLength={200}
          />
          <OrganisationField
            value={draft.organisation}
            onChange={(organisation) => set({ organisation })}
            error={wrong("organisation_id", t`This organisation does not exist any more.`)}
          />
        </div>
      ) : null}
    </Part>
  );
}

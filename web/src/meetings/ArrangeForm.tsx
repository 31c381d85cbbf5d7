import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import { zoneOptions } from "../account/zones";
import { Problem } from "../api/problem";
import { accountsQuery, serverQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Switch } from "../ui/Switch";
import { useFirstWrong } from "../ui/useFirstWrong";
import { AgendaPart } from "./AgendaPart";
import { type Draft, startOf } from "./draft";
import { GuestPicker } from "./GuestPicker";
import { RoomChoice } from "./RoomChoice";

interface Props {
  title: string;
  first: Draft;
  action: string;
  onSave: (draft: Draft) => Promise<void>;
}

/** Everything about a meeting that is arranged. */
export function ArrangeForm({ title, first, action, onSave }: Props) {
  const { t } = useLingui();
  const [draft, setDraft] = useState(first);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const form = useFirstWrong(problem);
  const set = (part: Partial<Draft>) => setDraft((d) => ({ ...d, ...part }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setProblem(undefined);
    try {
      await onSave(draft);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, {}));
      setPending(false);
    }
  };
  const at = startOf(draft);
  return (
    <form
      ref={form}
      onSubmit={(e) => void submit(e)}
      className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10"
    >
      <h1 className="font-semibold text-2xl">{title}</h1>
      <Basics draft={draft} set={set} problem={problem} />
      <Part title={t`Agenda`}>
        <AgendaPart agenda={draft.agenda} onChange={(agenda) => set({ agenda })} />
      </Part>
      <Part title={t`Invite`}>
        <GuestPicker
          guests={draft.guests}
          onChange={(guests) => set({ guests })}
          zone={draft.zone}
          at={at}
          problem={problem}
        />
      </Part>
      <Part title={t`More`}>
        <Switch isSelected={draft.mayBeRecorded} onChange={(mayBeRecorded) => set({ mayBeRecorded })}>
          {t`The meeting may be recorded`}
        </Switch>
        <CodecChoice value={draft.codec} onChange={(codec) => set({ codec })} />
        <Field
          label={t`Note`}
          rows={3}
          value={draft.note}
          onChange={(note) => set({ note })}
          maxLength={4000}
        />
      </Part>
      {problem ? (
        <p role="alert" className="rounded-xl bg-danger-soft px-4 py-3">
          {Object.keys(problem.fields).length > 0
            ? t`Please check what is marked.`
            : t`That did not work. Please try again.`}
        </p>
      ) : null}
      <MailHint />
      <Button type="submit" look="primary" isPending={pending} isDisabled={draft.title.trim() === ""}>
        {action}
      </Button>
    </form>
  );
}

interface PartProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  problem?: Problem | undefined;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 rounded-2xl border border-line bg-surface p-5 md:p-6">
      <h2 className="font-semibold text-lg">{title}</h2>
      {children}
    </section>
  );
}

function Basics({ draft, set, problem }: PartProps) {
  const { t } = useLingui();
  const { account } = useSession();
  const accounts = useQuery(accountsQuery);
  const language = currentLanguage();
  const zones = useMemo(() => zoneOptions(draft.zone, language), [draft.zone, language]);
  const hosts = accounts.data?.filter((a) => !a.disabled || a.id === draft.host) ?? [account];
  const wrong = (field: string, words: string) => (problem && field in problem.fields ? words : undefined);
  return (
    <Part title={t`What and when`}>
      <Field
        label={t`Title`}
        value={draft.title}
        onChange={(title) => set({ title })}
        error={wrong("title", t`Please enter a title.`)}
        maxLength={200}
        isRequired
      />
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label={t`Day`} type="date" value={draft.date} onChange={(date) => set({ date })} isRequired />
        <Field
          label={t`Begins`}
          type="time"
          value={draft.from}
          onChange={(from) => set({ from })}
          error={wrong("starts_at", t`This time does not exist in that zone, or has passed.`)}
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
      <Select label={t`Time zone`} value={draft.zone} options={zones} onChange={(zone) => set({ zone })} />
      <OwnClock draft={draft} />
      <Select
        label={t`Host`}
        value={draft.host}
        options={hosts.map((a) => ({ value: a.id, label: a.name }))}
        onChange={(host) => set({ host })}
      />
      {draft.room === undefined ? null : (
        <RoomChoice
          value={draft.room}
          onChange={(room) => set({ room })}
          error={wrong("room_id", t`Guests cannot be invited into this room. Choose a new one.`)}
        />
      )}
    </Part>
  );
}

/** What pictures are sent with, for those who know that their guests' devices need it. */
function CodecChoice({
  value,
  onChange,
}: {
  value: Draft["codec"];
  onChange: (codec: Draft["codec"]) => void;
}) {
  const { t } = useLingui();
  const hints: { [C in Draft["codec"]]: string } = {
    auto: t`Right for nearly every meeting.`,
    vp8: t`Every browser shows it, and old computers send it with ease.`,
    vp9: t`Sharper than VP8 on narrow links; takes more of each sender's computer.`,
    h264: t`For devices that encode it in hardware, such as room systems.`,
    av1: t`Sharpest on very narrow links; needs recent computers.`,
  };
  const options = [
    { value: "auto" as const, label: t`Automatic` },
    { value: "vp8" as const, label: "VP8" },
    { value: "vp9" as const, label: "VP9" },
    { value: "h264" as const, label: "H.264" },
    { value: "av1" as const, label: "AV1" },
  ];
  return (
    <div className="flex flex-col gap-1.5">
      <Select label={t`Picture codec`} value={value} options={options} onChange={onChange} />
      <p className="text-ink-faint text-sm">{hints[value]}</p>
    </div>
  );
}

/** The beginning on the clocks of whoever arranges and of the house, where they differ. */
function OwnClock({ draft }: { draft: Draft }) {
  const server = useQuery(serverQuery);
  const own = useZone();
  const at = startOf(draft);
  const language = currentLanguage();
  if (!at) return null;
  const zones = [...new Set([own, server.data?.reference_zone ?? own])].filter(
    (z) => zoneName(z, language) !== zoneName(draft.zone, language),
  );
  return zones.map((z) => (
    <p key={z} className="tabular text-ink-soft text-sm">
      = {moment(at, z, language)} {zoneName(z, language)}
    </p>
  ));
}

function MailHint() {
  const { t } = useLingui();
  const server = useQuery(serverQuery);
  if (!server.data) return null;
  return (
    <p className="text-ink-faint text-sm">
      {server.data.mail
        ? t`Everybody invited gets a letter in their language, with the time on their own clock.`
        : t`This installation sends no mail: afterwards you copy each guest's link and hand it over, for instance in WeChat.`}
    </p>
  );
}

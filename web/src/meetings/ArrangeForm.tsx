import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { Problem } from "../api/problem";
import { differs, LeaveGuard } from "../app/LeaveGuard";
import { accountsQuery, serverQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { moment } from "../time/format";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Switch } from "../ui/Switch";
import { useFirstWrong } from "../ui/useFirstWrong";
import { AgendaPart } from "./AgendaPart";
import { type Draft, isOvernight, startOf } from "./draft";
import { GuestPicker } from "./GuestPicker";
import { RoomChoice } from "./RoomChoice";
import { Overnight, type PartProps, When } from "./When";

interface Props {
  title: string;
  first: Draft;
  /** It is held now: it keeps its beginning, its host and its codec. */
  begun: boolean;
  action: string;
  onSave: (draft: Draft) => Promise<void>;
}

/** Everything about a meeting that is arranged. */
export function ArrangeForm({ title, first, begun, action, onSave }: Props) {
  const { t } = useLingui();
  usePageTitle(title);
  const [draft, setDraft] = useState(first);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const form = useFirstWrong(problem);
  const set = (part: Partial<Draft>) => setDraft((d) => ({ ...d, ...part }));
  const [asking, setAsking] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isOvernight(draft)) setAsking(true);
    else void save();
  };
  const save = async () => {
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
      onSubmit={submit}
      className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10"
    >
      <LeaveGuard unsaved={!pending && differs(draft, first)} />
      <h1 className="font-semibold text-2xl">{title}</h1>
      <Basics draft={draft} set={set} problem={problem} begun={begun} />
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
        <Field
          label={t`Note`}
          rows={3}
          value={draft.note}
          onChange={(note) => set({ note })}
          maxLength={4000}
        />
        {begun ? null : (
          <details open={draft.codec !== "auto"} className="rounded-xl border border-line px-4 py-3">
            <summary className="cursor-pointer text-ink-soft text-sm">{t`For technicians`}</summary>
            <div className="pt-3">
              <CodecChoice value={draft.codec} onChange={(codec) => set({ codec })} />
            </div>
          </details>
        )}
      </Part>
      {problem ? <Refused problem={problem} /> : null}
      <MailHint />
      <Button type="submit" look="primary" isPending={pending} isDisabled={draft.title.trim() === ""}>
        {action}
      </Button>
      <Overnight
        draft={draft}
        open={asking}
        onClose={() => setAsking(false)}
        action={action}
        onConfirm={save}
      />
    </form>
  );
}

/** Why the meeting was not saved. */
function Refused({ problem }: { problem: Problem }) {
  const { t } = useLingui();
  const zone = useZone();
  const { code, fields, body } = problem;
  const marked = Object.keys(fields).length > 0;
  let words = marked ? t`Please check what is marked.` : t`That did not work. Please try again.`;
  if (code === "many_letters" && typeof body.again_at === "string") {
    const at = moment(new Date(body.again_at), zone, currentLanguage());
    words = t`The house has written to many people outside already. Please invite fewer of them, or try again from ${at}.`;
  }
  return (
    <p role="alert" className="rounded-xl bg-danger-soft px-4 py-3">
      {words}
    </p>
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

function Basics({ draft, set, problem, begun }: PartProps) {
  const { t } = useLingui();
  const { account } = useSession();
  const accounts = useQuery(accountsQuery);
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
      <When draft={draft} set={set} problem={problem} begun={begun} />
      <Select
        label={t`Host`}
        value={draft.host}
        options={hosts.map((a) => ({ value: a.id, label: a.name }))}
        onChange={(host) => set({ host })}
        disabled={begun}
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

function MailHint() {
  const { t } = useLingui();
  const server = useQuery(serverQuery);
  if (!server.data) return null;
  return (
    <p className="text-ink-faint text-sm">
      {server.data.mail
        ? t`Everybody invited gets a letter in their language, with the time on their own clock.`
        : t`E-mail is not set up: afterwards, copy each guest's link and hand it over, for instance in WeChat.`}
    </p>
  );
}

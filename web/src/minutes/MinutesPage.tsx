import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, FileDown, Plus } from "lucide-react";
import { isFinal } from "../api/problem";
import type { BlockKind, Minutes } from "../api/types";
import { minutesQuery } from "../app/queries";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { span, zoneName } from "../time/format";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Nowhere } from "../ui/Nowhere";
import { Empty, Failed, Loading } from "../ui/states";
import { blank, blockKinds } from "./addBlock";
import { BlockEditor } from "./BlockEditor";
import { HeadList, HeadText } from "./HeadFields";
import { useKinds } from "./kinds";
import { Leftovers } from "./Leftovers";
import { Steps } from "./Steps";
import { useMinutesState } from "./states";
import { useAdding } from "./useAdding";

/** The minutes of a meeting: written together, reviewed, signed, taken away as a document. */
export function MinutesPage() {
  const { t } = useLingui();
  const { minutes: id } = useParams({ from: "/inside/shell/minutes/$minutes" });
  const minutes = useQuery(minutesQuery(id));
  if (minutes.isPending) return <Loading />;
  if (minutes.isError) {
    const gone = isFinal(minutes.error);
    if (gone) return <Nowhere title={t`These minutes do not exist, or you may not see them.`} />;
    return <Failed text={t`The minutes could not be loaded.`} onRetry={() => void minutes.refetch()} />;
  }
  return <Sheet key={minutes.data.id} minutes={minutes.data} />;
}

function Sheet({ minutes: m }: { minutes: Minutes }) {
  const { t } = useLingui();
  const { added, add } = useAdding(m.id);
  const blocks = [...m.blocks].sort((a, b) => a.position - b.position);
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10">
      <Head minutes={m} />
      <Steps minutes={m} />
      <Leftovers minutes={m} onAdd={add} />
      <section className="flex flex-col gap-4 rounded-2xl border border-line bg-surface p-5 md:p-8">
        <HeadText minutes={m} field="title" label={t`Title`} />
        <div className="grid gap-4 sm:grid-cols-2">
          <HeadText minutes={m} field="place" label={t`Place`} />
          <HeadText minutes={m} field="host_name" label={t`Host`} />
          <HeadText minutes={m} field="recorder_name" label={t`Recorded by`} />
          <HeadText minutes={m} field="copies_to" label={t`Copies to`} />
        </div>
        <HeadList minutes={m} field="present" label={t`Present`} />
        <HeadList minutes={m} field="attending" label={t`In attendance`} />
        <HeadList minutes={m} field="absent" label={t`Excused`} />
      </section>
      <section className="rounded-2xl border border-line bg-surface px-5 py-2 md:px-8">
        {m.blocks.length === 0 ? <Empty title={t`Nothing written yet`} /> : null}
        <ol className="divide-y divide-line">
          {blocks.map((b) => (
            <BlockEditor
              key={b.id}
              minutes={m}
              block={b}
              editable={m.may.edit}
              isNew={b.id === added}
              onAdd={add}
            />
          ))}
        </ol>
        {m.may.edit ? <AddBlock onAdd={(kind) => void add(blank(kind), blocks.at(-1)?.id)} /> : null}
      </section>
    </div>
  );
}

function Head({ minutes }: { minutes: Minutes }) {
  const { t } = useLingui();
  usePageTitle(t`Minutes`);
  const states = useMinutesState();
  const language = currentLanguage();
  const when = span(new Date(minutes.starts_at), new Date(minutes.ends_at), minutes.time_zone, language);
  return (
    <header className="flex flex-col gap-2">
      <Link
        to="/meetings/$meeting"
        params={{ meeting: minutes.meeting_id }}
        className="flex items-center gap-2 self-start text-accent text-sm"
      >
        <ArrowLeft size={16} />
        {t`Back to the meeting`}
      </Link>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="flex flex-wrap items-center gap-3 font-semibold text-2xl">
          {t`Minutes`}
          <Badge tone={minutes.state === "signed" ? "good" : "accent"}>{states[minutes.state]}</Badge>
          {minutes.version > 1 ? <Badge>{t`Version ${minutes.version}`}</Badge> : null}
        </h1>
        <a
          href={`/api/minutes/${minutes.id}/document.docx`}
          download
          className="inline-flex min-h-11 items-center gap-2 rounded-[10px] border border-line-strong/60 bg-surface px-4 font-medium hover:bg-sunken"
        >
          <FileDown size={18} />
          {t`Export as DOCX`}
        </a>
      </div>
      <p className="tabular text-ink-soft">
        {minutes.number ? <span className="font-medium text-ink">{minutes.number} · </span> : null}
        {when} {zoneName(minutes.time_zone, language)}
      </p>
    </header>
  );
}

function AddBlock({ onAdd }: { onAdd: (kind: BlockKind) => void }) {
  const kinds = useKinds();
  return (
    <div className="flex flex-wrap gap-2 border-t border-line py-5">
      {blockKinds.map((kind) => (
        <Button small key={kind} onPress={() => onAdd(kind)}>
          <Plus size={16} />
          {kinds[kind]}
        </Button>
      ))}
    </div>
  );
}

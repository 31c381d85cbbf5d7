import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarDays, CalendarPlus, CircleDot, FileText } from "lucide-react";
import { useMemo } from "react";
import type { Meeting } from "../api/types";
import { allMeetingsQuery } from "../app/queries";
import { useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { span, zoneName } from "../time/format";
import { Badge } from "../ui/Badge";
import { Empty, Failed, Loading } from "../ui/states";
import { timesOf } from "./held";
import { MeetingBadge } from "./MeetingBadge";

/** All meetings: the coming ones first, then those that were. */
export function MeetingsPage() {
  const { t } = useLingui();
  usePageTitle(t`Meetings`);
  const zone = useZone();
  const from = useMemo(() => new Date(Date.now() - 180 * 86_400_000).toISOString(), []);
  const meetings = useQuery(allMeetingsQuery(from));
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <div>
          <h1 className="font-semibold text-2xl">{t`Meetings`}</h1>
          <p className="text-ink-faint text-sm">{t`All times: ${zoneName(zone, currentLanguage())}`}</p>
        </div>
        <Link
          to="/meetings/new"
          className="inline-flex min-h-11 items-center gap-2 rounded-[10px] bg-accent px-4 font-medium text-on-accent hover:bg-accent-strong"
        >
          <CalendarPlus size={18} />
          {t`Schedule a meeting`}
        </Link>
      </header>
      {meetings.isPending ? <Loading /> : null}
      {meetings.isError ? (
        <Failed text={t`The meetings could not be loaded.`} onRetry={() => void meetings.refetch()} />
      ) : null}
      {meetings.data ? <Lists meetings={meetings.data} zone={zone} /> : null}
    </div>
  );
}

function Lists({ meetings, zone }: { meetings: Meeting[]; zone: string }) {
  const { t } = useLingui();
  const now = Date.now();
  const isComing = (m: Meeting) =>
    m.state === "live" || (m.state === "planned" && Date.parse(m.ends_at) > now);
  const coming = meetings.filter(isComing).sort((a, b) => a.starts_at.localeCompare(b.starts_at));
  const past = meetings.filter((m) => !isComing(m)).sort((a, b) => b.starts_at.localeCompare(a.starts_at));
  if (meetings.length === 0) return <Empty icon={<CalendarDays size={30} />} title={t`No meetings yet`} />;
  return (
    <>
      <List title={t`Coming up`} meetings={coming} zone={zone} />
      <List title={t`Past`} meetings={past} zone={zone} />
    </>
  );
}

function List({ title, meetings, zone }: { title: string; meetings: Meeting[]; zone: string }) {
  const { t } = useLingui();
  const language = currentLanguage();
  if (meetings.length === 0) return null;
  return (
    <section className="flex flex-col gap-3">
      <h2 className="font-semibold text-lg">{title}</h2>
      <ul className="divide-y divide-line rounded-2xl border border-line bg-surface">
        {meetings.map((m) => (
          <li key={m.id}>
            <Link
              to="/meetings/$meeting"
              params={{ meeting: m.id }}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3.5 hover:bg-sunken"
            >
              <span className="min-w-52 flex-1">
                <span className="block font-medium">{m.title}</span>
                <span className="tabular block text-ink-soft text-sm">
                  {span(timesOf(m).from, timesOf(m).to, zone, language)} · {t`Host: ${m.host.name}`}
                </span>
              </span>
              <span className="flex flex-wrap gap-1.5">
                {m.recordings > 0 ? (
                  <Badge>
                    <CircleDot size={12} />
                    {t`Recording available`}
                  </Badge>
                ) : null}
                {m.minutes ? (
                  <Badge tone={m.minutes.state === "signed" ? "good" : "plain"}>
                    <FileText size={12} />
                    {m.minutes.number || t`Minutes`}
                  </Badge>
                ) : null}
                <MeetingBadge meeting={m} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

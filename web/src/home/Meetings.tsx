import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { CalendarDays, CalendarPlus, MessageSquare, Video } from "lucide-react";
import { useMemo } from "react";
import type { Meeting } from "../api/types";
import { meetingsQuery } from "../app/queries";
import { useRooms } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { clock, day, zoneName } from "../time/format";
import { sameDay, sameZone } from "../time/zones";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { Failed, Loading } from "../ui/states";

/** Today's and coming meetings, each with the way in. */
export function Meetings({ now, zone }: { now: Date; zone: string }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const from = useMemo(() => new Date(Date.now() - 6 * 3_600_000).toISOString(), []);
  const meetings = useQuery(meetingsQuery(from));
  if (meetings.isPending) return <Loading />;
  if (meetings.isError) {
    return <Failed text={t`The meetings could not be loaded.`} onRetry={() => void meetings.refetch()} />;
  }
  const coming = meetings.data
    .filter((m) => m.state === "live" || (m.state === "planned" && new Date(m.ends_at) > now))
    .sort((a, b) => a.starts_at.localeCompare(b.starts_at));
  const today = coming.filter((m) => m.state === "live" || sameDay(new Date(m.starts_at), now, zone));
  const later = coming.filter((m) => !today.includes(m));
  return (
    <section className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="font-semibold text-lg">{t`Today`}</h2>
        <Button small onPress={() => void navigate({ to: "/meetings/new" })}>
          <CalendarPlus size={16} />
          {t`Schedule a meeting`}
        </Button>
      </div>
      {today.length === 0 ? (
        <p className="flex items-center gap-3 rounded-2xl border border-line border-dashed px-5 py-4 text-ink-soft">
          <CalendarDays size={20} className="text-ink-faint" />
          {t`No meeting today`}
        </p>
      ) : (
        <ul className="flex flex-col gap-3">
          {today.map((m) => (
            <Row key={m.id} meeting={m} now={now} zone={zone} today />
          ))}
        </ul>
      )}
      {later.length > 0 ? (
        <>
          <h2 className="pt-3 font-semibold text-lg">{t`Coming up`}</h2>
          <ul className="flex flex-col gap-3">
            {later.slice(0, 8).map((m) => (
              <Row key={m.id} meeting={m} now={now} zone={zone} />
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}

function Row({ meeting, now, zone, today }: { meeting: Meeting; now: Date; zone: string; today?: boolean }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const language = currentLanguage();
  const inside = useRooms((s) => s.live[meeting.room_id]);
  const isLive = inside === undefined ? meeting.state === "live" : inside > 0;
  const from = new Date(meeting.starts_at);
  const to = new Date(meeting.ends_at);
  const minutes = Math.round((from.getTime() - now.getTime()) / 60_000);
  const others = meeting.invitees.map((i) => i.name).join(language === "en" ? ", " : "、");
  const elsewhere = sameZone(meeting.time_zone, zone) ? undefined : meeting.time_zone;
  return (
    <li
      className={cx(
        "flex flex-wrap items-center gap-x-6 gap-y-3 rounded-2xl border bg-surface p-4 md:px-6",
        isLive ? "border-accent" : "border-line",
      )}
    >
      <div className="min-w-36">
        {today ? null : <p className="text-ink-soft text-sm">{day(from, zone, language)}</p>}
        <p className="tabular font-semibold text-lg">
          {clock(from, zone, language)}–{clock(to, zone, language)}
        </p>
        <p className="text-ink-faint text-sm">{zoneName(zone, language)}</p>
        {elsewhere ? (
          <p className="tabular text-ink-faint text-sm">
            {clock(from, elsewhere, language)} {zoneName(elsewhere, language)}
          </p>
        ) : null}
      </div>
      <div className="min-w-48 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <Link to="/meetings/$meeting" params={{ meeting: meeting.id }} className="hover:underline">
            {meeting.title}
          </Link>
          {isLive ? <Badge tone="good">{t`In progress`}</Badge> : null}
          {!isLive && minutes > 0 && minutes <= 90 ? (
            <Badge tone="accent">{t`in ${minutes} min`}</Badge>
          ) : null}
        </p>
        <p className="line-clamp-1 text-ink-soft text-sm">
          {t`Host: ${meeting.host.name}`}
          {others ? ` · ${others}` : ""}
        </p>
      </div>
      <div className="flex gap-2">
        <Button onPress={() => void navigate({ to: "/rooms/$room", params: { room: meeting.room_id } })}>
          <MessageSquare size={18} />
          {t`Chat`}
        </Button>
        <Button
          look={isLive || minutes <= 90 ? "primary" : "quiet"}
          onPress={() => void navigate({ to: "/live/$room", params: { room: meeting.room_id } })}
        >
          <Video size={18} />
          {t`Join`}
        </Button>
      </div>
    </li>
  );
}

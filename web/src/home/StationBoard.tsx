import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { MessageSquare, Moon, Sun, Video } from "lucide-react";
import type { Station } from "../api/types";
import { stationsQuery } from "../app/queries";
import { useRooms } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { clock, shiftMark, weekday } from "../time/format";
import { isNight } from "../time/zones";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Empty, Failed, Loading } from "../ui/states";
import { hoursToday, isOpen } from "./officeHours";

/** The stations abroad: what time it is there, whether they are open, who is there. */
export function StationBoard({ now, zone }: { now: Date; zone: string }) {
  const { t } = useLingui();
  const stations = useQuery(stationsQuery);
  if (stations.isPending) return <Loading />;
  if (stations.isError) {
    return <Failed text={t`The stations could not be loaded.`} onRetry={() => void stations.refetch()} />;
  }
  return (
    <section className="flex flex-col gap-4">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="font-semibold text-lg">{t`Overseas stations`}</h2>
        <p className="text-ink-faint text-sm">{t`Each clock shows the time at the station.`}</p>
      </div>
      {stations.data.length === 0 ? (
        <Empty title={t`There are no stations yet`} />
      ) : (
        <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          {stations.data.map((s) => (
            <Card key={s.id} station={s} now={now} zone={zone} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Card({ station, now, zone }: { station: Station; now: Date; zone: string }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const language = currentLanguage();
  const online = useRooms((s) => s.online);
  const present = station.accounts.filter((p) => online.has(p.id));
  const live = useRooms((s) => (s.live[station.room_id] ?? 0) > 0);
  const en = language === "en";
  const name = en ? station.name_en : station.name;
  const shift = shiftMark(now, station.time_zone, zone);
  const open = isOpen(station.office_hours, station.time_zone, now);
  const hours = hoursToday(station.office_hours, station.time_zone, now);
  const night = isNight(now, station.time_zone);
  const go = (to: "/rooms/$room" | "/live/$room") => () =>
    void navigate({ to, params: { room: station.room_id } });
  return (
    <li className="flex flex-col gap-3 rounded-2xl border border-line bg-surface p-4">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <p className="font-medium">{en ? station.city_en : station.city}</p>
          <p className="truncate text-ink-faint text-sm" title={name}>
            {en ? station.country_en : station.country} · {name}
          </p>
        </div>
        <div className="text-right">
          <p className="tabular flex items-center justify-end gap-1.5 font-semibold text-xl">
            {night ? (
              <Moon size={16} className="text-ink-faint" aria-label={t`Night there`} />
            ) : (
              <Sun size={16} className="text-warn" aria-label={t`Day there`} />
            )}
            {clock(now, station.time_zone, language)}
          </p>
          <p className="text-ink-faint text-sm">
            {weekday(now, station.time_zone, language)}
            {shift ? ` ${t`${shift} day`}` : ""}
          </p>
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-2 text-sm">
        {open ? <Badge tone="good">{t`Open`}</Badge> : <Badge>{t`Closed`}</Badge>}
        <span className="tabular text-ink-faint">{hours === "" ? t`no office hours today` : hours}</span>
        {live ? <Badge tone="accent">{t`In a meeting`}</Badge> : null}
      </div>
      <div className="mt-auto flex items-center justify-between gap-2">
        <p className="min-w-0 truncate text-sm">
          {present.length > 0 ? (
            <span className="flex items-center gap-1.5 text-good">
              <span className="size-2 shrink-0 rounded-full bg-good" />
              <span className="truncate">{t`${present.map((p) => p.name).join(", ")} online`}</span>
            </span>
          ) : (
            <span className="text-ink-faint">{t`Nobody online`}</span>
          )}
        </p>
        <div className="flex shrink-0 gap-1.5">
          <Button small onPress={go("/rooms/$room")} aria-label={t`Open the room of ${name}`}>
            <MessageSquare size={16} />
            {t`Chat`}
          </Button>
          <Button small look="primary" onPress={go("/live/$room")} aria-label={t`Call ${name}`}>
            <Video size={16} />
            {t`Call`}
          </Button>
        </div>
      </div>
    </li>
  );
}

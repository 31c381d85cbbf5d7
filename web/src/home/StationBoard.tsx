import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { MessageSquare, Moon, Phone, Sun, Video } from "lucide-react";
import type { Station } from "../api/types";
import { stationsQuery } from "../app/queries";
import { useRooms, useSession } from "../app/session";
import { useRing } from "../calls/useRing";
import { currentLanguage } from "../i18n/language";
import { clock, weekday } from "../time/format";
import { dayShift, isDark, isNight } from "../time/zones";
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
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,19rem),1fr))] gap-3">
          {stations.data.map((s) => (
            <Card key={s.id} station={s} now={now} zone={zone} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface CardProps {
  station: Station;
  now: Date;
  zone: string;
}

function Card({ station, now, zone }: CardProps) {
  const { t } = useLingui();
  const room = station.room_id;
  const live = useRooms((s) => room !== undefined && (s.live[room] ?? 0) > 0);
  const open = isOpen(station.office_hours, station.time_zone, now);
  const hours = hoursToday(station.office_hours, station.time_zone, now);
  return (
    <li className="flex flex-col gap-3 rounded-2xl border border-line bg-surface p-4">
      <CardHead station={station} now={now} zone={zone} />
      <div className="flex flex-wrap items-center gap-2 text-sm">
        {open ? <Badge tone="good">{t`Open`}</Badge> : <Badge>{t`Closed`}</Badge>}
        <span className="tabular text-ink-faint">{hours === "" ? t`no office hours today` : hours}</span>
        {live ? <Badge tone="accent">{t`In a meeting`}</Badge> : null}
      </div>
      <div className="mt-auto flex items-center justify-between gap-2">
        <Present station={station} />
        {room ? <CardActions station={station} room={room} live={live} open={open} /> : null}
      </div>
    </li>
  );
}

function stationName(station: Station): string {
  return currentLanguage() === "en" ? station.name_en : station.name;
}

function CardHead({ station, now, zone }: CardProps) {
  const { t } = useLingui();
  const language = currentLanguage();
  const en = language === "en";
  const shift = dayShift(now, station.time_zone, zone);
  const night = isNight(now, station.time_zone);
  return (
    <div className="flex items-start justify-between gap-3">
      <div className="min-w-0">
        <p className="font-medium">
          {en ? station.city_en : station.city}
          <span className="font-normal text-ink-faint text-sm">
            {" "}
            {en ? station.country_en : station.country}
          </span>
        </p>
        <p className="line-clamp-2 text-ink-soft text-sm">{stationName(station)}</p>
      </div>
      <div className="text-right">
        <p className="tabular flex items-center justify-end gap-1.5 font-semibold text-xl">
          {isDark(now, station.time_zone) ? (
            <Moon
              size={16}
              className="text-ink-faint"
              aria-label={night ? t`Night there` : t`Evening there`}
            />
          ) : (
            <Sun size={16} className="text-warn" aria-label={t`Day there`} />
          )}
          {clock(now, station.time_zone, language)}
        </p>
        <p className="whitespace-nowrap text-ink-faint text-sm">
          {weekday(now, station.time_zone, language)}
          {shift === 0 ? "" : ` · ${shift > 0 ? t`tomorrow` : t`yesterday`}`}
        </p>
      </div>
    </div>
  );
}

function Present({ station }: { station: Station }) {
  const { t } = useLingui();
  const online = useRooms((s) => s.online);
  const present = station.accounts.filter((p) => online.has(p.id)).map((p) => p.name);
  if (present.length === 0) return <p className="text-ink-faint text-sm">{t`Nobody online`}</p>;
  const names = present.join(currentLanguage() === "en" ? ", " : "、");
  return (
    <p className="flex min-w-0 items-center gap-1.5 text-good text-sm">
      <span className="size-2 shrink-0 rounded-full bg-good" />
      <span className="truncate">{t`${names} online`}</span>
    </p>
  );
}

interface ActionsProps {
  station: Station;
  room: string;
  live: boolean;
  open: boolean;
}

/**
 * The way to write to a station, and to ring its people; where nobody has an account, only its room is there.
 * The button that is filled is the one to use: to a station that is open or has somebody there one calls.
 */
function CardActions({ station, room, live, open }: ActionsProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const ring = useRing();
  const { account } = useSession();
  const name = stationName(station);
  const online = useRooms((s) => station.accounts.some((p) => s.online.has(p.id)));
  const people = station.accounts.map((a) => a.id).filter((id) => id !== account.id);
  const meet = () => void navigate({ to: "/live/$room", params: { room } });
  return (
    <div className="flex shrink-0 gap-1.5">
      <Button
        small
        onPress={() => void navigate({ to: "/rooms/$room", params: { room } })}
        aria-label={t`Chat with ${name}`}
      >
        <MessageSquare size={16} />
        {t`Chat`}
      </Button>
      <Button
        small
        {...((live || open || online) && { look: "primary" })}
        onPress={live || people.length === 0 ? meet : () => void ring.people(room, people)}
        aria-label={live ? t`Join ${name}` : t`Call ${name}`}
      >
        {live ? <Video size={16} /> : <Phone size={16} />}
        {live ? t`Join` : t`Call`}
      </Button>
    </div>
  );
}

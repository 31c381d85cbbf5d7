import { useLingui } from "@lingui/react/macro";
import { useSession, useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { clock, day, zoneName } from "../time/format";
import { useNow } from "../time/useNow";
import { wallClock } from "../time/zones";
import { Meetings } from "./Meetings";
import { StationBoard } from "./StationBoard";

/** The first page: what is today, and who is there abroad. */
export function Home() {
  const { t } = useLingui();
  usePageTitle(t`Home`);
  const { account } = useSession();
  const zone = useZone();
  const now = useNow(10_000);
  const language = currentLanguage();
  const { hour } = wallClock(now, zone);
  const greeting =
    hour < 5
      ? t`Good evening`
      : hour < 12
        ? t`Good morning`
        : hour < 18
          ? t`Good afternoon`
          : t`Good evening`;
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-10 px-4 py-6 md:px-10 md:py-10">
      <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-1">
        <h1 className="font-semibold text-2xl md:text-3xl">{t`${greeting}, ${account.name}`}</h1>
        <p className="text-ink-soft">
          {day(now, zone, language)}{" "}
          <span className="tabular font-medium text-ink">{clock(now, zone, language)}</span>{" "}
          {zoneName(zone, language)}
        </p>
      </header>
      <Meetings now={now} zone={zone} />
      <StationBoard now={now} zone={zone} />
    </div>
  );
}

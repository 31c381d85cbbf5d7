import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { BellRing, Moon } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useStore } from "zustand";
import { roleNames } from "../account/roles";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Chased, ReadList as List, Reader } from "../api/types";
import { queries, stationsQuery } from "../app/queries";
import { useSession } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { clock, moment, shiftMark, zoneName } from "../time/format";
import { useNow } from "../time/useNow";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Switch } from "../ui/Switch";
import { Failed, Loading } from "../ui/states";
import type { Message } from "../wire/messages";
import { isAsleep } from "./later";
import { readersQuery } from "./roomQueries";
import type { Scene } from "./scene";

/** Who has read a message and who has confirmed it, by name, each with what their clock says. */
export function ReadList({ scene, message }: { scene: Scene; message: Message }) {
  const { t } = useLingui();
  const list = useQuery(readersQuery(scene.room.id, message.id));
  useKeptFresh(message);
  if (list.isPending) return <Loading />;
  if (list.isError) {
    const many = list.error instanceof Problem && list.error.code === "too_many_members";
    if (many) return <p className="text-ink-soft">{t`This chat has too many members for a list.`}</p>;
    return <Failed text={t`The list could not be loaded.`} onRetry={() => void list.refetch()} />;
  }
  const { readers, must_confirm } = list.data;
  const confirmed = readers.filter((r) => r.confirmed_at);
  const read = readers.filter((r) => r.read && !r.confirmed_at);
  const unread = readers.filter((r) => !r.read && !r.joined_later);
  const later = readers.filter((r) => r.joined_later);
  return (
    <div className="flex flex-col gap-5">
      <p role="status" className="text-ink-soft">
        {summary(list.data)}
      </p>
      {list.data.may_chase && confirmed.length < readers.length ? (
        <Chase scene={scene} message={message} list={list.data} />
      ) : null}
      <Part title={t`Not read (${unread.length})`} readers={unread} />
      <Part
        title={must_confirm ? t`Read, not confirmed (${read.length})` : t`Read (${read.length})`}
        readers={read}
      />
      {must_confirm ? <Part title={t`Confirmed (${confirmed.length})`} readers={confirmed} /> : null}
      <Part title={t`Joined later (${later.length})`} readers={later} />
    </div>
  );
}

/** What is seen of it is read again when somebody reads or confirms. */
function useKeptFresh(message: Message) {
  const { rooms } = useSession();
  const readers = useStore(rooms.store, (s) => s.readers[message.room]);
  const confirmed = useStore(
    rooms.store,
    (s) => s.timelines[message.room]?.messages.find((m) => m.id === message.id)?.confirmation?.by.length,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them says that the list has changed
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["readers", message.room, message.id] });
  }, [readers, confirmed, message.room, message.id]);
}

/** Who joined later is not counted. */
function summary({ readers, must_confirm }: List): string {
  const all = readers.filter((r) => !r.joined_later).length;
  const read = readers.filter((r) => r.read).length;
  const confirmed = readers.filter((r) => r.confirmed_at).length;
  if (!must_confirm)
    return plural(all, { one: `${read} of # has read it.`, other: `${read} of # have read it.` });
  return plural(all, {
    one: `${read} of # has read it, ${confirmed} confirmed.`,
    other: `${read} of # have read it, ${confirmed} confirmed.`,
  });
}

function Part({ title, readers }: { title: string; readers: readonly Reader[] }) {
  if (readers.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="pb-1 font-medium text-ink-soft text-sm">{title}</h3>
      <ul className="flex flex-col">
        {readers.map((r) => (
          <ReaderRow key={r.person.id} reader={r} />
        ))}
      </ul>
    </section>
  );
}

function ReaderRow({ reader }: { reader: Reader }) {
  const { t, i18n } = useLingui();
  const language = currentLanguage();
  const now = useNow(30_000);
  const stations = useQuery(stationsQuery);
  const station = stations.data?.find((s) => s.id === reader.station_id);
  const from = station ? (language === "en" ? station.name_en || station.name : station.name) : undefined;
  const asleep = isAsleep(now, reader.time_zone);
  return (
    <li className="flex min-h-12 items-center gap-3 py-1">
      <Avatar name={reader.person.name} size={32} />
      <span className="min-w-0 flex-1">
        <span className="block truncate">{reader.person.name}</span>
        <span className="block truncate text-ink-faint text-xs">
          {from ?? i18n._(roleNames[reader.account_role])}
        </span>
      </span>
      <span className="flex shrink-0 flex-col items-end text-xs">
        <span className="tabular flex items-center gap-1 text-ink-soft">
          {asleep ? <Moon size={12} role="img" aria-label={t`Asleep`} className="text-accent" /> : null}
          {clock(now, reader.time_zone, language)} {shiftMark(now, reader.time_zone)}
        </span>
        <span className="text-ink-faint">{zoneName(reader.time_zone, language, now)}</span>
      </span>
    </li>
  );
}

/** Reminds those who have not confirmed, and says in words what comes of it. */
function Chase({ scene, message, list }: { scene: Scene; message: Message; list: List }) {
  const { t } = useLingui();
  const [urgent, setUrgent] = useState(false);
  const [pending, setPending] = useState(false);
  const [answer, setAnswer] = useState<ReactNode>();
  const mayWake = list.urgent || scene.room.manages;
  const chase = async () => {
    setPending(true);
    try {
      const path = `/rooms/${scene.room.id}/messages/${message.id}/chase`;
      const chased = await call<Chased[]>("POST", path, { urgent });
      setAnswer(<Answer chased={chased} list={list} urgent={urgent} />);
    } catch (error) {
      const soon = error instanceof Problem && error.code === "chased_recently";
      const minutes = soon ? Math.ceil((error.retryAfter ?? 60) / 60) : 0;
      setAnswer(
        soon
          ? plural(minutes, {
              one: "They were reminded a moment ago. Again in # minute.",
              other: "They were reminded a moment ago. Again in # minutes.",
            })
          : t`The reminder was not sent. Try again.`,
      );
    } finally {
      setPending(false);
      void queries.invalidateQueries({ queryKey: ["readers", scene.room.id, message.id] });
    }
  };
  return (
    <section aria-label={t`Remind`} className="flex flex-col gap-2 rounded-xl bg-sunken p-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button small look="primary" isPending={pending} onPress={chase}>
          <BellRing size={16} />
          {t`Remind those who have not confirmed`}
        </Button>
        {mayWake ? (
          <Switch isSelected={urgent} onChange={setUrgent}>
            {t`Urgent, at night too`}
          </Switch>
        ) : null}
      </div>
      <LastChase at={list.chased_at} zone={scene.zone} />
      <p role="status" className="text-sm">
        {answer}
      </p>
    </section>
  );
}

function LastChase({ at, zone }: { at: string | undefined; zone: string }) {
  const { t } = useLingui();
  const language = currentLanguage();
  if (!at) return <Badge>{t`Nobody was reminded yet`}</Badge>;
  return (
    <p className="text-ink-faint text-xs">
      {t`Last reminded ${moment(new Date(at), zone, language)} (${zoneName(zone, language)})`}
    </p>
  );
}

/** "28 of 35 have read it; 4 of the other 7 are asleep, and hear of it at 08:00 their time." */
function Answer({ chased, list, urgent }: { chased: readonly Chased[]; list: List; urgent: boolean }) {
  const language = currentLanguage();
  const asleep = chased.filter((c) => c.asleep);
  const first = asleep[0];
  const reminded = plural(chased.length, { one: "# person is reminded.", other: "# people are reminded." });
  const gap = language === "en" ? " " : "";
  if (!first) return [summary(list), reminded].join(gap);
  const when = clock(new Date(first.at), first.time_zone, language);
  const sleeping = urgent
    ? plural(asleep.length, { one: "It is night for # of them.", other: "It is night for # of them." })
    : plural(asleep.length, {
        one: `# of them is asleep and hears of it at ${when} their time.`,
        other: `# of them are asleep and hear of it at ${when} their time.`,
      });
  return [summary(list), reminded, sleeping].join(gap);
}

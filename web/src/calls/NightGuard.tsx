import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { AlarmClock, MessageSquare, Moon, Phone, Store } from "lucide-react";
import { call } from "../api/client";
import { queries, remindersQuery } from "../app/queries";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { clock, moment, weekday, zoneName } from "../time/format";
import { useNow } from "../time/useNow";
import { sameDay } from "../time/zones";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/toast";
import { type Asked, useAsking } from "./ask";
import { type Asleep, nextOpening } from "./guard";
import { useRing } from "./useRing";

/** Asks before a telephone rings at night, and shows whose clock says what. */
export function NightGuard() {
  const { t } = useLingui();
  const asked = useAsking((s) => s.asked);
  const done = useAsking((s) => s.done);
  if (asked.kind !== "guard") return null;
  const night = asked.asleep.some((a) => a.reason === "night");
  return (
    <Dialog
      open
      onClose={done}
      title={night ? t`It is night there` : t`The office is closed there`}
      footer={<Choices asked={asked} onDone={done} />}
    >
      <ul className="flex flex-col divide-y divide-line">
        {asked.asleep.map((a) => (
          <Wall key={a.id} person={a} />
        ))}
      </ul>
    </Dialog>
  );
}

/** The clock on somebody's wall. */
function Wall({ person }: { person: Asleep }) {
  const { t } = useLingui();
  const now = useNow(10_000);
  const language = currentLanguage();
  return (
    <li className="flex items-center justify-between gap-3 py-2.5">
      <div className="min-w-0">
        <p className="flex items-center gap-2 font-medium">
          {person.reason === "night" ? (
            <Moon size={16} className="shrink-0 text-ink-faint" aria-label={t`Night there`} />
          ) : (
            <Store size={16} className="shrink-0 text-ink-faint" aria-label={t`Closed`} />
          )}
          <span className="truncate">{person.name}</span>
        </p>
        {person.hours ? (
          <p className="text-ink-faint text-sm">
            {person.today === "" ? t`no office hours today` : t`Office hours today ${person.today}`}
          </p>
        ) : null}
      </div>
      <div className="text-right">
        <p className="tabular font-semibold text-xl">{clock(now, person.zone, language)}</p>
        <p className="text-ink-faint text-sm">
          {weekday(now, person.zone, language)} · {zoneName(person.zone, language)}
        </p>
      </div>
    </li>
  );
}

function Choices({ asked, onDone }: { asked: Extract<Asked, { kind: "guard" }>; onDone: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const ring = useRing();
  const own = useZone();
  const language = currentLanguage();
  const first = asked.asleep[0];
  if (!first) return null;
  const now = new Date();
  const at = nextOpening(first, now);
  const there = sameDay(at, now, first.zone)
    ? clock(at, first.zone, language)
    : `${weekday(at, first.zone, language)} ${clock(at, first.zone, language)}`;
  const remind = async () => {
    onDone();
    try {
      await call("POST", "/notices/reminders", { room: asked.room, at: at.toISOString() });
      void queries.invalidateQueries({ queryKey: remindersQuery.queryKey });
      toast(t`You will be reminded at ${moment(at, own, language)} ${zoneName(own, language)}.`);
    } catch {
      toast(t`The reminder was not set. Try again.`, { tone: "danger" });
    }
  };
  const write = () => {
    onDone();
    void navigate({ to: "/rooms/$room", params: { room: asked.room } });
  };
  const awake = asked.people.filter((p) => !asked.asleep.some((a) => a.id === p));
  const go = (people: readonly string[]) => {
    onDone();
    void ring.anyway(asked.room, people);
  };
  return (
    <div className="flex w-full flex-col gap-2.5">
      <Button look="primary" wide onPress={write}>
        <MessageSquare size={18} />
        {t`Leave a message`}
      </Button>
      <Button wide onPress={() => void remind()}>
        <AlarmClock size={18} />
        {t`Remind me at ${there} there`}
      </Button>
      {awake.length > 0 ? (
        <Button wide onPress={() => go(awake)}>
          <Phone size={18} />
          {t`Ring only those for whom it is a good time (${awake.length})`}
        </Button>
      ) : null}
      <Button wide onPress={() => go(asked.people)}>
        <Phone size={18} />
        {t`Ring anyway`}
      </Button>
    </div>
  );
}

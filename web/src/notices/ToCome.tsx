import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { AlarmClock } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Reminder } from "../api/types";
import { queries, remindersQuery } from "../app/queries";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { moment } from "../time/format";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";

/** What one is still to be reminded of, above what one was told; nothing when there is none. */
export function ToCome() {
  const { t } = useLingui();
  const { data } = useQuery(remindersQuery);
  if (!data?.length) return null;
  return (
    <section aria-labelledby="to-come" className="flex flex-col gap-2">
      <h2 id="to-come" className="font-medium text-ink-soft text-sm">{t`Reminders to come`}</h2>
      <ul className="flex flex-col divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
        {data.map((reminder) => (
          <ReminderRow key={reminder.id} reminder={reminder} />
        ))}
      </ul>
    </section>
  );
}

function ReminderRow({ reminder }: { reminder: Reminder }) {
  const { t } = useLingui();
  const zone = useZone();
  const [pending, setPending] = useState(false);
  const takeBack = async () => {
    setPending(true);
    try {
      await call("DELETE", `/notices/reminders/${reminder.id}`);
    } catch (error) {
      // One that came meanwhile is in the list below.
      if (!(error instanceof Problem && error.status === 404))
        toast(t`That did not work. Try again.`, { tone: "danger" });
    }
    setPending(false);
    await queries.invalidateQueries({ queryKey: ["notices"] });
  };
  return (
    <li className="flex min-h-14 items-center gap-3 px-4 py-2">
      <AlarmClock size={20} className="shrink-0 text-accent" aria-hidden="true" />
      <span className="min-w-0 flex-1">
        <span className="block truncate">{t`Call ${reminder.title}`}</span>
        <time dateTime={reminder.at} className="tabular text-ink-soft text-sm">
          {moment(new Date(reminder.at), zone, currentLanguage())}
        </time>
      </span>
      <Button small look="plain" isPending={pending} onPress={() => void takeBack()}>
        {t`Take back`}
      </Button>
    </li>
  );
}

import { useLingui } from "@lingui/react/macro";
import { Phone, PhoneMissed, PhoneOff } from "lucide-react";
import { useContext } from "react";
import { currentLanguage } from "../i18n/language";
import { clock } from "../time/format";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import type { Message } from "../wire/messages";
import { CallBack } from "./callBack";
import { resultOf } from "./state";
import { madeWords } from "./words";

/** What remains of a call, in the room's timeline: who rang, what became of it, and the way to call back. */
export function CallEntry({ message, me, zone }: { message: Message; me: string; zone: string }) {
  const { t, i18n } = useLingui();
  const callBack = useContext(CallBack);
  const record = message.call;
  if (!record) return null;
  const own = record.by.id === me;
  const mine = record.people.find((p) => p.person.id === me)?.state;
  const missed = mine === "missed" || mine === "busy" || mine === "cancelled";
  const result = resultOf(record.people);
  const Icon = missed ? PhoneMissed : result === "answered" ? Phone : PhoneOff;
  const text = missed
    ? t`Missed call from ${record.by.name}`
    : own
      ? i18n._(madeWords[result])
      : t`Call from ${record.by.name}`;
  // Who rang rings the same people; who was rung calls the one who did.
  const people = own ? record.people.map((p) => p.person.id) : [record.by.id];
  return (
    <div className="flex justify-center py-1.5" data-message={message.id} data-call="entry">
      <div className="flex max-w-full flex-wrap items-center gap-x-3 gap-y-1 rounded-2xl border border-line bg-surface px-4 py-2">
        <Icon size={18} className={cx("shrink-0", missed ? "text-danger" : "text-ink-soft")} />
        <span className={cx("min-w-0", missed && "font-medium text-danger")}>{text}</span>
        <time dateTime={message.posted_at} className="tabular text-ink-faint text-xs">
          {clock(new Date(record.started_at), zone, currentLanguage())}
        </time>
        {callBack ? (
          <Button small look="plain" onPress={() => callBack(message.room, people)}>
            <Phone size={16} />
            {own ? t`Ring again` : t`Call back`}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

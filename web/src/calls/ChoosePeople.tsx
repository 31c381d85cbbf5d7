import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Check, Moon, Phone } from "lucide-react";
import { useState } from "react";
import { useApart } from "../account/apart";
import type { RoomDetail } from "../api/types";
import { accountsQuery, roomQuery } from "../app/queries";
import { useRooms, useSession } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { clock } from "../time/format";
import { useNow } from "../time/useNow";
import { isNight } from "../time/zones";
import { Avatar } from "../ui/Avatar";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { Dialog } from "../ui/Dialog";
import { Failed, Loading } from "../ui/states";
import { useAsking } from "./ask";
import { useRing } from "./useRing";

const most = 50;

/** Asks whom of a room to ring. */
export function ChoosePeople() {
  const { t } = useLingui();
  const asked = useAsking((s) => s.asked);
  const done = useAsking((s) => s.done);
  if (asked.kind !== "choose") return null;
  return <Choosing key={asked.room} room={asked.room} title={t`Who do you want to call?`} onDone={done} />;
}

function Choosing({ room: id, title, onDone }: { room: string; title: string; onDone: () => void }) {
  const { t } = useLingui();
  const ring = useRing();
  const room = useQuery(roomQuery(id));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (person: string) =>
    setChosen((c) => (c.includes(person) ? c.filter((x) => x !== person) : [...c, person]));
  const go = () => {
    onDone();
    void ring.people(id, chosen);
  };
  const tooMany = chosen.length > most;
  const footer = (
    <>
      {tooMany ? <p className="mr-auto self-center text-danger text-sm">{t`At most 50 people`}</p> : null}
      <Button look="primary" isDisabled={chosen.length === 0 || tooMany} onPress={go}>
        <Phone size={18} />
        {t`Ring (${chosen.length})`}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onDone} title={title} footer={footer}>
      {room.isPending ? <Loading /> : null}
      {room.isError ? (
        <Failed text={t`The list could not be loaded.`} onRetry={() => void room.refetch()} />
      ) : null}
      {room.data ? <People room={room.data} chosen={chosen} onToggle={toggle} onAll={setChosen} /> : null}
    </Dialog>
  );
}

interface PeopleProps {
  room: RoomDetail;
  chosen: readonly string[];
  onToggle: (person: string) => void;
  onAll: (people: readonly string[]) => void;
}

function People({ room, chosen, onToggle, onAll }: PeopleProps) {
  const { t } = useLingui();
  const { account } = useSession();
  const online = useRooms((s) => s.online);
  const others = room.members.map((m) => m.person).filter((p) => p.id !== account.id);
  const all = others.map((p) => p.id);
  const everybody = chosen.length === all.length;
  const details = useApart(others);
  return (
    <div className="flex flex-col gap-2">
      <Button small look="plain" className="self-start" onPress={() => onAll(everybody ? [] : all)}>
        {everybody ? t`Choose nobody` : t`Choose everybody (${all.length})`}
      </Button>
      <ul className="flex flex-col">
        {others.map((p) => {
          const isChosen = chosen.includes(p.id);
          return (
            <li key={p.id}>
              <button
                type="button"
                aria-pressed={isChosen}
                onClick={() => onToggle(p.id)}
                className={cx(
                  "flex min-h-12 w-full items-center gap-3 rounded-xl px-2 text-left",
                  isChosen ? "bg-accent-soft" : "hover:bg-sunken",
                )}
              >
                <Avatar name={p.name} size={32} online={online.has(p.id)} />
                <span className="min-w-0 flex-1 truncate">
                  {p.name} <span className="text-ink-faint text-sm">{details.get(p.id)}</span>
                </span>
                <TheirClock person={p.id} />
                <Check size={18} className={cx("shrink-0 text-accent", !isChosen && "invisible")} />
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** What time it is for somebody. */
function TheirClock({ person }: { person: string }) {
  const { t } = useLingui();
  const accounts = useQuery(accountsQuery);
  const now = useNow(10_000);
  const zone = accounts.data?.find((a) => a.id === person)?.time_zone;
  if (!zone) return null;
  return (
    <span className="tabular flex shrink-0 items-center gap-1 text-ink-faint text-sm">
      {isNight(now, zone) ? <Moon size={14} aria-label={t`Night there`} /> : null}
      {clock(now, zone, currentLanguage())}
    </span>
  );
}

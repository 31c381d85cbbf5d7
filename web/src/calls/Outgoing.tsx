import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { MessageSquare, PhoneOff, RotateCw, X } from "lucide-react";
import { useEffect } from "react";
import { roomQuery } from "../app/queries";
import { useSession } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { roomTitle } from "../rooms/titles";
import { Avatar } from "../ui/Avatar";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { IconButton } from "../ui/IconButton";
import { toast } from "../ui/toast";
import { startTone } from "../ui/tone";
import type { Call } from "../wire/messages";
import { resultOf } from "./state";
import { useRing } from "./useRing";
import { madeWords, outcomeWords } from "./words";

/** Whom we ring, and how it stands for each; a card beside the page, which can be used meanwhile. */
export function Outgoing({ call }: { call: Call }) {
  const { i18n, t } = useLingui();
  const { calls } = useSession();
  const result = resultOf(call.people);
  const ringing = !call.ended_at;
  const alone = ringing && !call.answered_at;
  useEffect(() => (alone ? startTone("outgoing") : undefined), [alone]);
  // Everybody has answered, and somebody is in the meeting: there is nothing left to see.
  useEffect(() => {
    if (call.ended_at && call.answered_at) calls.dismiss(call.id);
  }, [calls, call]);
  return (
    <section
      aria-label={t`Your call`}
      data-call="outgoing"
      className="fixed inset-x-3 top-20 z-30 flex max-h-[70dvh] flex-col gap-4 rounded-2xl border border-line bg-surface p-4 text-ink shadow-lift sm:right-6 sm:left-auto sm:w-88"
    >
      <header className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <RoomName room={call.room} />
          <p role="status" className={cx("text-sm", ringing ? "text-ink-soft" : "text-danger")}>
            {i18n._(madeWords[ringing ? "ringing" : result])}
          </p>
        </div>
        {ringing ? null : (
          <IconButton label={t`Close`} onPress={() => calls.dismiss(call.id)}>
            <X size={20} />
          </IconButton>
        )}
      </header>
      <ul className="flex min-h-0 flex-col gap-1 overflow-y-auto">
        {call.people.map(({ person, state }) => (
          <li key={person.id} className="flex min-h-10 items-center gap-3">
            <Avatar name={person.name} size={32} />
            <span className="min-w-0 flex-1 truncate">{person.name}</span>
            <span className={cx("shrink-0 text-sm", tones[state])}>{i18n._(outcomeWords[state])}</span>
          </li>
        ))}
      </ul>
      {ringing ? <Cancel call={call} /> : <Afterwards call={call} />}
    </section>
  );
}

const tones = {
  ringing: "text-ink-faint",
  accepted: "text-good",
  declined: "text-danger",
  busy: "text-warn",
  missed: "text-ink-soft",
  cancelled: "text-ink-soft",
} as const;

function RoomName({ room }: { room: string }) {
  const found = useQuery(roomQuery(room));
  const title = found.data ? roomTitle(found.data, currentLanguage()) : "";
  return <h2 className="truncate font-semibold">{title}</h2>;
}

function Cancel({ call }: { call: Call }) {
  const { t } = useLingui();
  const { calls } = useSession();
  const cancel = () =>
    calls.cancel(call.id).then(
      () => calls.dismiss(call.id),
      () => toast(t`That did not work. Try again.`, { tone: "danger" }),
    );
  return (
    <Button look="danger" wide onPress={() => void cancel()}>
      <PhoneOff size={18} />
      {call.answered_at ? t`Stop ringing the others` : t`Cancel`}
    </Button>
  );
}

/** Nobody came: try again, or leave a message. */
function Afterwards({ call }: { call: Call }) {
  const { t } = useLingui();
  const { calls } = useSession();
  const navigate = useNavigate();
  const ring = useRing();
  const write = () => {
    calls.dismiss(call.id);
    void navigate({ to: "/rooms/$room", params: { room: call.room } });
  };
  const again = () => {
    calls.dismiss(call.id);
    void ring.anyway(
      call.room,
      call.people.map((p) => p.person.id),
    );
  };
  return (
    <div className="grid grid-cols-2 gap-2.5">
      <Button onPress={write}>
        <MessageSquare size={18} />
        {t`Leave a message`}
      </Button>
      <Button look="primary" onPress={again}>
        <RotateCw size={18} />
        {t`Ring again`}
      </Button>
    </div>
  );
}

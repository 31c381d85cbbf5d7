import { useLingui } from "@lingui/react/macro";
import { Hand, Mic, MicOff, MoreHorizontal, Video as VideoIcon, VideoOff } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { Menu } from "../ui/Menu";
import { Switch } from "../ui/Switch";
import type { Participant } from "../wire/messages";
import { useTelling } from "./comings";
import { useLive } from "./context";
import { useHostTools } from "./hostTools";
import { LinkSign } from "./LinkDetails";
import { hands, isSending, leads, moderates, myself } from "./state";
import { roleWords, standInWords } from "./words";

// Guests do not fetch it: they invite nobody.
const InviteLate = lazy(async () => ({ default: (await import("../meetings/InviteLate")).InviteLate }));

/** Everybody in the meeting, the lobby, the way to more people, and what those may do who moderate. */
export function Members({ invite }: { invite: boolean }) {
  const { t } = useLingui();
  const live = useLive();
  const mayModerate = moderates(live);
  const raised = hands(live);
  const rest = live.participants.filter((p) => p.hand_raised_at === undefined);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {mayModerate ? <Waiting /> : null}
        {invite ? (
          <Suspense fallback={null}>
            <div className="px-2 pt-3">
              <InviteLate id={live.meeting.id} here={new Set(live.participants.map((p) => p.id))} />
            </div>
          </Suspense>
        ) : null}
        <h3 className="px-2 pt-3 pb-1 text-sm text-ink-faint">{t`In the meeting`}</h3>
        <ul>
          {[...raised, ...rest].map((p) => (
            <Row key={p.id} participant={p} />
          ))}
        </ul>
      </div>
      <TellComings />
      {mayModerate ? <ForEverybody /> : null}
    </div>
  );
}

function Waiting() {
  const { t } = useLingui();
  const { waiting } = useLive();
  const tools = useHostTools();
  if (waiting.length === 0) return null;
  return (
    <section aria-label={t`Waiting room`} className="mt-2 rounded-xl bg-accent-soft p-2">
      <div className="flex items-center justify-between gap-2 px-2 py-1">
        <h3 className="text-sm font-medium">{t`Waiting room (${waiting.length})`}</h3>
        {waiting.length > 1 ? (
          <Button small look="plain" onPress={() => tools.admitAll()}>
            {t`Admit all`}
          </Button>
        ) : null}
      </div>
      <ul>
        {waiting.map((person) => (
          <li key={person.id} className="flex items-center gap-2 px-2 py-1.5">
            <Avatar name={person.name} size={32} />
            <span className="min-w-0 flex-1">
              <span className="block truncate">{person.name}</span>
              {person.link && person.link !== person.name ? (
                <span className="block truncate text-ink-soft text-sm">{t`By the link of ${person.link}`}</span>
              ) : null}
            </span>
            <Button small onPress={() => tools.refuse(person.id)} aria-label={t`Refuse ${person.name}`}>
              {t`Refuse`}
            </Button>
            <Button
              small
              look="primary"
              onPress={() => tools.admit(person.id)}
              aria-label={t`Admit ${person.name}`}
            >
              {t`Admit`}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ participant }: { participant: Participant }) {
  const { t, i18n } = useLingui();
  const live = useLive();
  const self = participant.id === live.me;
  const microphone = isSending(participant, "microphone");
  const camera = isSending(participant, "camera");
  return (
    <li className="flex min-h-12 items-center gap-2 rounded-xl px-2 py-1" data-member={participant.id}>
      <Avatar name={participant.name} size={34} className="mr-1" />
      <div className="min-w-0 flex-1">
        <p className="wrap-break-word line-clamp-2 leading-snug">
          {participant.name}
          {self ? <span className="text-ink-faint"> {t`(you)`}</span> : null}
        </p>
        <p className="flex flex-wrap gap-x-2 text-xs text-ink-faint">
          {participant.role === "participant" ? null : (
            <span>{i18n._(participant.stands_in ? standInWords : roleWords[participant.role])}</span>
          )}
          {participant.kind === "guest" ? <span>{t`Guest`}</span> : null}
          {participant.connection === "reconnecting" ? (
            <span className="text-warn">{t`Coming back…`}</span>
          ) : null}
        </p>
      </div>
      {participant.hand_raised_at ? (
        <Hand size={18} className="text-warn" aria-label={t`Hand raised`} />
      ) : null}
      {camera ? (
        <VideoIcon size={18} className="text-ink-soft" aria-label={t`Camera on`} />
      ) : (
        <VideoOff size={18} className="text-ink-faint" aria-label={t`Camera off`} />
      )}
      {microphone ? (
        <Mic size={18} className="text-good" aria-label={t`Microphone on`} />
      ) : (
        <MicOff size={18} className="text-ink-faint" aria-label={t`Microphone off`} />
      )}
      <LinkSign participant={participant} />
      {moderates(live) && !self ? <RowMenu participant={participant} /> : null}
    </li>
  );
}

function RowMenu({ participant }: { participant: Participant }) {
  const { t } = useLingui();
  const live = useLive();
  const tools = useHostTools();
  const [removing, setRemoving] = useState(false);
  const [handing, setHanding] = useState(false);
  const { id, name } = participant;
  const host = myself(live)?.role === "host";
  const own = leads(live);
  const entries = [
    isSending(participant, "microphone")
      ? { id: "mute", label: t`Mute`, onAction: () => tools.mute(id, "microphone") }
      : { id: "ask", label: t`Ask to unmute`, onAction: () => tools.askUnmute(id, "microphone") },
    isSending(participant, "camera")
      ? { id: "stop", label: t`Stop video`, onAction: () => tools.mute(id, "camera") }
      : { id: "start", label: t`Ask to start video`, onAction: () => tools.askUnmute(id, "camera") },
    ...(isSending(participant, "screen")
      ? [{ id: "screen", label: t`Stop screen sharing`, onAction: () => tools.mute(id, "screen") }]
      : []),
    ...(participant.hand_raised_at
      ? [{ id: "hand", label: t`Lower hand`, onAction: () => tools.lowerHand(id) }]
      : []),
    ...(host && participant.role === "participant"
      ? [{ id: "cohost", label: t`Make co-host`, onAction: () => tools.appoint(id, "cohost") }]
      : []),
    ...(host && participant.role === "cohost"
      ? [{ id: "plain", label: t`Take back co-host`, onAction: () => tools.appoint(id, "participant") }]
      : []),
    ...(host ? [{ id: "host", label: t`Make host`, onAction: () => setHanding(true) }] : []),
    { id: "remove", label: t`Remove from the meeting`, danger: true, onAction: () => setRemoving(true) },
  ];
  const button = (
    <IconButton label={t`More about ${name}`}>
      <MoreHorizontal size={18} />
    </IconButton>
  );
  return (
    <>
      <Menu trigger={button} label={t`More about ${name}`} entries={entries} />
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title={t`Remove ${name}?`}
        action={t`Remove`}
        danger
        onConfirm={() => tools.remove(id, own)}
      >
        {own
          ? t`They leave the meeting at once and cannot come back into it.`
          : t`They leave the meeting at once. You stand in for the host: they may ask to come in again.`}
      </Confirm>
      <Confirm
        open={handing}
        onClose={() => setHanding(false)}
        title={t`Make ${name} the host?`}
        action={t`Make host`}
        onConfirm={() => tools.appoint(id, "host")}
      >
        {t`You hand the meeting over and become a co-host.`}
      </Confirm>
    </>
  );
}

/** Whether notes tell who comes and goes: by themselves in small meetings only. */
function TellComings() {
  const { t } = useLingui();
  const [telling, choose] = useTelling();
  return (
    <div className="border-t border-line px-4 py-1.5">
      <Switch isSelected={telling} onChange={choose}>
        {t`Tell me who joins and leaves`}
      </Switch>
    </div>
  );
}

function ForEverybody() {
  const { t } = useLingui();
  const live = useLive();
  const tools = useHostTools();
  const { locked } = live.meeting;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-3">
      {leads(live) ? (
        <Switch isSelected={locked} onChange={(on) => tools.lock(on)}>
          {t`Lock the meeting`}
          {locked ? <Badge tone="warn">{t`Locked`}</Badge> : null}
        </Switch>
      ) : null}
      <Button small onPress={() => tools.muteAll()}>
        <MicOff size={16} />
        {t`Mute all`}
      </Button>
    </div>
  );
}

/** How many wait in the lobby, for those who may admit. */
export function useWaitingCount(): number {
  const live = useLive();
  return moderates(live) ? live.waiting.length : 0;
}

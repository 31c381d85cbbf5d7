import { useLingui } from "@lingui/react/macro";
import { CalendarX, Link2Off } from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { GuestSession, Invitation } from "../api/types";
import { currentLanguage } from "../i18n/language";
import { insideBefore } from "../meeting/inside";
import { LocalMedia } from "../meeting/media/local";
import { PreJoin } from "../meeting/PreJoin";
import { ownZone } from "../time/zones";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import type { Person } from "../wire/messages";
import { inAppBrowser } from "./browser";
import { Framed } from "./Framed";
import { InAppHint } from "./InAppHint";
import { InvitationCard, RecordingNotice } from "./InvitationCard";
import { useInvitation } from "./useInvitation";

const loadVisit = () => import("./GuestVisit");
const GuestVisit = lazy(async () => ({ default: (await loadVisit()).GuestVisit }));

/** The guest's way in: the invitation, the mirror, the lobby, the meeting. */
export function JoinPage({ token }: { token: string }) {
  const { t } = useLingui();
  const { opened, again } = useInvitation(token);
  switch (opened.phase) {
    case "reading":
      return (
        <Framed>
          <Loading label={t`Opening the invitation…`} />
        </Framed>
      );
    case "failed":
      return (
        <Framed>
          <Failed
            text={t`The invitation could not be opened. Please check your connection.`}
            onRetry={again}
          />
        </Framed>
      );
    case "invalid":
      return (
        <Sorry icon={<Link2Off size={36} />} title={t`This link is not valid`}>
          {t`It may have expired or been replaced by a newer one. Please ask whoever invited you for a new link.`}
        </Sorry>
      );
    case "open":
      return <Open token={token} invitation={opened.invitation} guest={opened.guest} />;
    default:
      return opened satisfies never;
  }
}

interface OpenProps {
  token: string;
  invitation: Invitation;
  guest: Person | undefined;
}

function Open({ token, invitation: opened, guest }: OpenProps) {
  const { t } = useLingui();
  const [invitation, setInvitation] = useState(opened);
  const [local] = useState(() => new LocalMedia());
  const [hint, setHint] = useState(() => inAppBrowser(navigator.userAgent));
  const inside = guest ? insideBefore(invitation.room_id) : undefined;
  const [visit, setVisit] = useState(inside ? { want: inside, resumed: true } : undefined);
  const news = (now: Invitation) => {
    setInvitation(now);
    if (now.state === "ended") setVisit(undefined);
  };
  if (invitation.state === "cancelled") {
    return (
      <Sorry icon={<CalendarX size={36} />} title={t`This meeting has been cancelled`}>
        {t`“${invitation.title}” will not take place. ${invitation.host_name} can tell you more.`}
      </Sorry>
    );
  }
  if (invitation.state === "ended" && !visit) {
    return (
      <Sorry icon={<CalendarX size={36} />} title={t`This meeting has ended`}>
        {t`Thank you for taking part in “${invitation.title}”.`}
      </Sorry>
    );
  }
  if (hint) return <InAppHint app={hint} invitation={invitation} onContinue={() => setHint(undefined)} />;
  if (!visit) {
    return (
      <Door
        token={token}
        invitation={invitation}
        guest={guest}
        local={local}
        onIn={(want) => setVisit({ want, resumed: false })}
      />
    );
  }
  return (
    <Suspense fallback={<Loading label={t`Entering the meeting…`} />}>
      <GuestVisit
        invitation={invitation}
        local={local}
        want={visit.want}
        resumed={visit.resumed}
        onNews={news}
        onBack={() => setVisit(undefined)}
      />
    </Suspense>
  );
}

interface DoorProps {
  token: string;
  invitation: Invitation;
  guest: Person | undefined;
  local: LocalMedia;
  onIn: (want: { microphone: boolean; camera: boolean }) => void;
}

/** The mirror and the name. The rest of the client is fetched meanwhile. */
function Door({ token, invitation, guest, local, onIn }: DoorProps) {
  const { t } = useLingui();
  const [name, setName] = useState(guest?.name ?? invitation.guest_name);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();
  const enter = async (want: { microphone: boolean; camera: boolean }) => {
    if (name.trim() === "") return setError(t`Please tell the others your name.`);
    setPending(true);
    try {
      const body = { token, name: name.trim(), language: currentLanguage(), time_zone: ownZone() };
      await Promise.all([call<GuestSession>("POST", "/guest/session", body), loadVisit()]);
      onIn(want);
    } catch (problem) {
      setPending(false);
      if (problem instanceof Problem && problem.code === "name_taken")
        return setError(t`Somebody else here has this name. Please enter your own.`);
      if (problem instanceof Problem && problem.fields.name) return setError(t`This name cannot be used.`);
      const gone = problem instanceof Problem && problem.status === 404;
      toast(gone ? t`This link is no longer valid.` : t`That did not work. Please try again.`, {
        tone: "danger",
      });
    }
  };
  // Asking to join fetches it again if this fails, and tells.
  useEffect(() => void loadVisit().catch(() => undefined), []);
  return (
    <Framed
      organisation={currentLanguage() === "en" ? invitation.organisation_en : invitation.organisation_zh}
    >
      <PreJoin local={local} action={t`Ask to join`} pending={pending} onEnter={(want) => void enter(want)}>
        <InvitationCard invitation={invitation} />
        {invitation.may_be_recorded ? <RecordingNotice /> : null}
        <Field
          label={t`Your name`}
          value={name}
          onChange={(value) => {
            setName(value);
            setError(undefined);
          }}
          error={error}
          maxLength={200}
          autoComplete="name"
          isRequired
        />
      </PreJoin>
    </Framed>
  );
}

function Sorry({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  const { t } = useLingui();
  return (
    <Framed>
      <div className="mx-auto flex max-w-md flex-col items-center gap-4 px-6 py-20 text-center">
        <span className="text-ink-faint">{icon}</span>
        <h1 className="font-semibold text-xl">{title}</h1>
        <p className="text-ink-soft">{children}</p>
        <Button onPress={() => location.reload()}>{t`Check again`}</Button>
      </div>
    </Framed>
  );
}

import { useLingui } from "@lingui/react/macro";
import { CircleDot, Clock, UserRound } from "lucide-react";
import type { Invitation } from "../api/types";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { span, zoneName } from "../time/format";
import { ownZone, sameZone } from "../time/zones";

/** What the meeting is, who invites, and when: on the guest's own clock and on the meeting's. */
export function InvitationCard({ invitation }: { invitation: Invitation }) {
  const { t } = useLingui();
  usePageTitle(invitation.title);
  const language = currentLanguage();
  const from = new Date(invitation.starts_at);
  const to = new Date(invitation.ends_at);
  const own = ownZone();
  const sameClock = sameZone(own, invitation.time_zone);
  return (
    <section className="flex flex-col gap-2.5">
      <h1 className="font-semibold text-2xl">{invitation.title}</h1>
      <p className="flex items-center gap-2.5 text-ink-soft">
        <UserRound size={18} className="shrink-0 text-ink-faint" />
        {t`Host: ${invitation.host_name}`}
      </p>
      <div className="flex gap-2.5 text-ink-soft">
        <Clock size={18} className="mt-0.5 shrink-0 text-ink-faint" />
        <div>
          <p>
            <span className="font-medium text-ink">{span(from, to, own, language)}</span>{" "}
            {t`your time (${zoneName(own, language)})`}
          </p>
          {sameClock ? null : (
            <p className="text-ink-faint text-sm">
              {span(from, to, invitation.time_zone, language)} {zoneName(invitation.time_zone, language)}
            </p>
          )}
        </div>
      </div>
    </section>
  );
}

/** Said before anybody enters a meeting that may be recorded. */
export function RecordingNotice() {
  const { t } = useLingui();
  return (
    <p className="flex gap-2.5 rounded-xl bg-warn-soft px-4 py-3">
      <CircleDot size={18} className="mt-0.5 shrink-0 text-warn" />
      {t`This meeting may be recorded: sound, pictures and shared screens. You will see it when recording is on. By joining you agree.`}
    </p>
  );
}

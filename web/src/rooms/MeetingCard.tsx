import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarDays } from "lucide-react";
import { meetingQuery } from "../app/queries";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { timesOf } from "../meetings/held";
import { MeetingBadge } from "../meetings/MeetingBadge";
import { span, zoneName } from "../time/format";

const address = /\/meetings\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z/-])/;

/** The meeting of this hub that a text leads to. */
export function meetingIn(text: string, origin = location.origin): string | undefined {
  const at = text.indexOf(`${origin}/meetings/`);
  return at < 0 ? undefined : address.exec(text.slice(at))?.[1];
}

/** A meeting that a message leads to, for those who may see it. */
export function MeetingCard({ id }: { id: string }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  const { data: meeting } = useQuery({ ...meetingQuery(id), retry: false });
  if (!meeting) return null;
  const joinable = meeting.state === "planned" || meeting.state === "live";
  return (
    <article className="my-1.5 flex max-w-md flex-col gap-2 rounded-xl border border-line bg-surface p-3">
      <div className="flex items-start gap-2.5">
        <CalendarDays size={18} aria-hidden="true" className="mt-0.5 shrink-0 text-accent" />
        <div className="min-w-0 flex-1">
          <p className="font-medium">{meeting.title}</p>
          <p className="text-ink-soft text-sm">
            {span(timesOf(meeting).from, timesOf(meeting).to, zone, language)} · {zoneName(zone, language)}
          </p>
        </div>
        <MeetingBadge meeting={meeting} />
      </div>
      <div className="flex gap-4 text-sm">
        <Link
          to="/meetings/$meeting"
          params={{ meeting: id }}
          className="font-medium text-accent hover:underline"
        >
          {t`Details`}
        </Link>
        {joinable ? (
          <Link
            to="/live/$room"
            params={{ room: meeting.room_id }}
            className="font-medium text-accent hover:underline"
          >
            {t`Join`}
          </Link>
        ) : null}
      </div>
    </article>
  );
}

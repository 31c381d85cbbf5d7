import { useLingui } from "@lingui/react/macro";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Attendance, Meeting } from "../api/types";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { clock, duration, zoneName } from "../time/format";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Failed, Loading } from "../ui/states";

/** Who was in a meeting, and who is. */
export const attendanceQuery = (id: string) =>
  queryOptions({
    queryKey: ["meetings", id, "attendance"],
    queryFn: ({ signal }) => call<Attendance[]>("GET", `/meetings/${id}/attendance`, undefined, signal),
  });

/** Who was in a meeting, from when to when. */
export function Attended({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  const attendance = useQuery(attendanceQuery(meeting.id));
  if (attendance.isPending) return <Loading />;
  if (attendance.isError) {
    return <Failed text={t`The list could not be loaded.`} onRetry={() => void attendance.refetch()} />;
  }
  if (attendance.data.length === 0) return <p className="text-ink-soft">{t`Nobody was in this meeting.`}</p>;
  return (
    <>
      <ul className="flex flex-col divide-y divide-line">
        {attendance.data.map((a) => (
          <li
            key={`${a.person_id}-${a.joined_at}`}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2"
          >
            <Avatar name={a.name} size={30} />
            <span className="min-w-32 flex-1">
              {a.name} {a.kind === "guest" ? <Badge>{t`Guest`}</Badge> : null}
            </span>
            <span className="tabular text-ink-soft text-sm">
              {clock(new Date(a.joined_at), zone, language)}–
              {a.left_at ? clock(new Date(a.left_at), zone, language) : t`now`} (
              {duration(Math.max(1, Math.round(a.seconds / 60)), language)})
            </span>
          </li>
        ))}
      </ul>
      <p className="text-ink-faint text-sm">{t`All times: ${zoneName(zone, language)}`}</p>
    </>
  );
}

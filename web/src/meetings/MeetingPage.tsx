import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { CalendarArrowDown, CalendarX2, MessageSquare, Pencil, Video } from "lucide-react";
import { type ReactNode, useState } from "react";
import { call } from "../api/client";
import { isFinal } from "../api/problem";
import type { Meeting } from "../api/types";
import { meetingQuery, queries, serverQuery } from "../app/queries";
import { useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { span, zoneName } from "../time/format";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Nowhere } from "../ui/Nowhere";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { Attended, attendanceQuery } from "./Attended";
import { timesOf, wasMoved } from "./held";
import { Invitees } from "./Invitees";
import { InviteLate } from "./InviteLate";
import { MeetingBadge } from "./MeetingBadge";
import { MeetingMinutes } from "./MeetingMinutes";
import { Recordings } from "./Recordings";

/** One meeting: before it, who comes and how to get in; after it, what is left of it. */
export function MeetingPage() {
  const { t } = useLingui();
  const { meeting: id } = useParams({ from: "/inside/shell/meetings/$meeting" });
  const meeting = useQuery(meetingQuery(id));
  if (meeting.isPending) return <Loading />;
  if (meeting.isError) {
    const gone = isFinal(meeting.error);
    if (gone) return <Nowhere title={t`This meeting does not exist, or you are not invited to it.`} />;
    return <Failed text={t`The meeting could not be loaded.`} onRetry={() => void meeting.refetch()} />;
  }
  const m = meeting.data;
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10">
      <Head meeting={m} />
      {m.agenda.length > 0 ? <Agenda meeting={m} /> : null}
      <Section title={t`Invited`}>
        <Invitees meeting={m} />
      </Section>
      {hasBegun(m) ? (
        <>
          <MeetingMinutes meeting={m} />
          <Section title={t`Recordings`}>
            <Recordings meeting={m} />
          </Section>
          <Section title={t`Attendance`}>
            <Attended meeting={m} />
          </Section>
        </>
      ) : null}
    </div>
  );
}

/** Whether there is something to look back on. A meeting that everybody left before its end is planned again. */
function hasBegun(meeting: Meeting): boolean {
  return meeting.state !== "planned" || meeting.recordings > 0 || meeting.minutes !== undefined;
}

/** A part of a page about a meeting. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 rounded-2xl border border-line bg-surface p-5 md:p-6">
      <h2 className="font-semibold text-lg">{title}</h2>
      {children}
    </section>
  );
}

function Head({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  usePageTitle(meeting.title);
  const navigate = useNavigate();
  const [cancelling, setCancelling] = useState(false);
  const open = meeting.state === "planned" || meeting.state === "live";
  const room = { room: meeting.room_id };
  return (
    <header className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="font-semibold text-2xl">{meeting.title}</h1>
        <MeetingBadge meeting={meeting} />
      </div>
      <Clocks meeting={meeting} />
      <p className="text-ink-soft">{t`Host: ${meeting.host.name}`}</p>
      {meeting.note ? <p className="whitespace-pre-wrap text-ink-soft">{meeting.note}</p> : null}
      {meeting.cancel_reason ? <p className="text-danger">{t`Reason: ${meeting.cancel_reason}`}</p> : null}
      <div className="flex flex-wrap gap-3">
        {open ? (
          <Button look="primary" onPress={() => void navigate({ to: "/live/$room", params: room })}>
            <Video size={18} />
            {t`Join`}
          </Button>
        ) : null}
        <Button onPress={() => void navigate({ to: "/rooms/$room", params: room })}>
          <MessageSquare size={18} />
          {t`Chat`}
        </Button>
        {meeting.may.edit && open ? (
          <Link
            to="/meetings/$meeting/edit"
            params={{ meeting: meeting.id }}
            className="inline-flex min-h-11 items-center gap-2 rounded-[10px] border border-line-strong/60 bg-surface px-4 font-medium hover:bg-sunken"
          >
            <Pencil size={18} />
            {t`Change`}
          </Link>
        ) : null}
        {meeting.state === "live" ? <CallIn meeting={meeting} /> : null}
        {meeting.may.edit && meeting.state === "planned" ? (
          <Button onPress={() => setCancelling(true)}>
            <CalendarX2 size={18} />
            {t`Cancel the meeting`}
          </Button>
        ) : null}
        {open ? (
          <a
            href={`/api/meetings/${meeting.id}/calendar.ics`}
            className="inline-flex min-h-11 items-center gap-2 rounded-[10px] px-4 font-medium text-accent hover:bg-accent-soft"
          >
            <CalendarArrowDown size={18} />
            {t`Calendar file`}
          </a>
        ) : null}
      </div>
      <CancelMeeting meeting={meeting} open={cancelling} onClose={() => setCancelling(false)} />
    </header>
  );
}

/** The way to call more people into a meeting that is held. */
function CallIn({ meeting }: { meeting: Meeting }) {
  const attendance = useQuery(attendanceQuery(meeting.id));
  const present = attendance.data?.filter((a) => a.left_at === undefined).map((a) => a.person_id);
  return <InviteLate id={meeting.id} here={new Set(present)} />;
}

/** When it is, or was really held: on our own clock, on the meeting's and on the house's, each said once. */
function Clocks({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const own = useZone();
  const server = useQuery(serverQuery);
  const language = currentLanguage();
  const { from, to } = timesOf(meeting);
  const clocks = new Map<string, { when: string; name: string }>();
  for (const zone of [own, meeting.time_zone, server.data?.reference_zone ?? own]) {
    const clock = { when: span(from, to, zone, language), name: zoneName(zone, language) };
    clocks.set(`${clock.when} ${clock.name}`, clock);
  }
  return (
    <ul>
      {[...clocks.values()].map(({ when, name }, i) => (
        <li
          key={`${when} ${name}`}
          className={i === 0 ? "tabular font-medium text-lg" : "tabular text-ink-soft"}
        >
          {when} <span className="font-normal text-ink-soft">{name}</span>
        </li>
      ))}
      {wasMoved(meeting) ? (
        <li className="tabular text-ink-faint">
          {t`Planned: ${span(new Date(meeting.starts_at), new Date(meeting.ends_at), own, language)}`}
        </li>
      ) : null}
    </ul>
  );
}

function Agenda({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  return (
    <Section title={t`Agenda`}>
      <ol className="flex flex-col gap-2">
        {meeting.agenda.map((item, i) => (
          <li key={item.id} className="flex gap-3">
            <span className="tabular text-ink-faint">{i + 1}.</span>
            <span className="flex-1">{item.title}</span>
            {item.minutes > 0 ? (
              <span className="tabular text-ink-faint">{t`${item.minutes} min`}</span>
            ) : null}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function CancelMeeting({ meeting, open, onClose }: { meeting: Meeting; open: boolean; onClose: () => void }) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const cancel = async () => {
    try {
      await call("POST", `/meetings/${meeting.id}/cancel`, { reason });
      await queries.invalidateQueries({ queryKey: ["meetings"] });
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
    }
  };
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={t`Cancel this meeting?`}
      action={t`Cancel the meeting`}
      danger
      onConfirm={cancel}
    >
      <p className="pb-4">{t`Everybody invited is told. The links no longer open anything.`}</p>
      <Field label={t`Reason (optional)`} rows={2} value={reason} onChange={setReason} maxLength={500} />
    </Confirm>
  );
}

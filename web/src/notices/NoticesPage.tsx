import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  AtSign,
  BellOff,
  BellRing,
  CalendarCheck,
  CalendarClock,
  CalendarPlus,
  CalendarX,
  CheckCheck,
  ClipboardCheck,
  DoorOpen,
  KeyRound,
  MailX,
  MessageSquare,
  Phone,
  PhoneMissed,
  Video,
  Webhook,
} from "lucide-react";
import type { ReactNode } from "react";
import { call } from "../api/client";
import type { Notice, NoticeKind } from "../api/types";
import { noticesQuery, queries } from "../app/queries";
import { useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { useRing } from "../calls/useRing";
import { currentLanguage } from "../i18n/language";
import { clock, shortDay } from "../time/format";
import { sameDay } from "../time/zones";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { Empty, Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { callsInto, type Line, linesOf } from "./group";
import { ToCome } from "./ToCome";
import { UnreadChats } from "./UnreadChats";
import { kindWords } from "./words";

/** What one was told: the newest first, each with the way to where it happened. */
export function NoticesPage() {
  const { t } = useLingui();
  usePageTitle(t`Notices`);
  const notices = useQuery(noticesQuery);
  const read = useRead();
  const newest = notices.data?.items[0];
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-5 px-4 py-6 md:px-8 md:py-10">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="font-semibold text-2xl">{t`Notices`}</h1>
        {newest && (notices.data?.unread ?? 0) > 0 ? (
          <Button small onPress={() => void read(newest.id, true)}>
            <CheckCheck size={16} />
            {t`Mark all as read`}
          </Button>
        ) : null}
      </header>
      <ToCome />
      <UnreadChats />
      {notices.isPending ? <Loading /> : null}
      {notices.isError ? (
        <Failed text={t`The notices could not be loaded.`} onRetry={() => void notices.refetch()} />
      ) : null}
      {notices.data?.items.length === 0 ? (
        <Empty icon={<BellOff size={32} />} title={t`No notices`}>
          <p>{t`Mentions, missed calls and your meetings appear here.`}</p>
        </Empty>
      ) : null}
      <ul className="flex flex-col divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface empty:hidden">
        {linesOf(notices.data?.items ?? []).map((line) => (
          <NoticeRow key={line.notice.id} line={line} onRead={read} />
        ))}
      </ul>
    </div>
  );
}

function useRead(): (id: number, upTo: boolean) => Promise<void> {
  const { t } = useLingui();
  return async (id, upTo) => {
    try {
      await call("POST", "/notices/read", { id, up_to: upTo });
      await queries.invalidateQueries({ queryKey: ["notices"] });
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
    }
  };
}

const icons: { [kind in NoticeKind]: ReactNode } = {
  mention: <AtSign size={20} />,
  message: <MessageSquare size={20} />,
  missed_call: <PhoneMissed size={20} />,
  must_confirm: <ClipboardCheck size={20} />,
  chase: <ClipboardCheck size={20} />,
  reminder: <BellRing size={20} />,
  hook_off: <Webhook size={20} />,
  undelivered: <MailX size={20} />,
  link_made: <KeyRound size={20} />,
  password_asked: <KeyRound size={20} />,
  meeting_invited: <CalendarPlus size={20} />,
  meeting_changed: <CalendarCheck size={20} />,
  meeting_cancelled: <CalendarX size={20} />,
  meeting_soon: <CalendarClock size={20} />,
  meeting_begun: <Video size={20} />,
  guest_waits: <DoorOpen size={20} />,
};

function NoticeRow({ line, onRead }: { line: Line; onRead: (id: number, upTo: boolean) => Promise<void> }) {
  const { t, i18n } = useLingui();
  const { notice, count } = line;
  const open = useOpen();
  return (
    <li className={cx("flex items-center gap-2 pr-3", !notice.read && "bg-accent-soft/40")}>
      <button
        type="button"
        onClick={() => {
          if (!notice.read) void onRead(notice.id, false);
          open(notice);
        }}
        className="flex min-h-16 min-w-0 flex-1 items-start gap-3 px-4 py-3 text-left hover:bg-sunken"
      >
        <span
          className={cx("pt-0.5", notice.kind === "missed_call" ? "text-danger" : "text-accent")}
          aria-hidden="true"
        >
          {icons[notice.kind]}
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5 text-ink-faint text-sm">
            {i18n._(kindWords[notice.kind])}
            {count > 1 ? <Badge>{t`${count} messages`}</Badge> : null}
            {notice.urgent && notice.kind !== "reminder" && !callsInto(notice) ? (
              <Badge tone="danger">{t`Urgent`}</Badge>
            ) : null}
            <When at={notice.at} />
          </span>
          <span className={cx("block truncate", !notice.read && "font-medium")}>{notice.title}</span>
          {notice.text ? <span className="line-clamp-2 text-ink-soft text-sm">{notice.text}</span> : null}
        </span>
        {notice.read ? null : <span className="sr-only">{t`unread`}</span>}
      </button>
      <CallThem notice={notice} />
      <JoinIt notice={notice} />
    </li>
  );
}

function When({ at }: { at: string }) {
  const zone = useZone();
  const language = currentLanguage();
  const moment = new Date(at);
  const today = sameDay(moment, new Date(), zone);
  return (
    <time dateTime={at} className="tabular ml-auto">
      {today ? clock(moment, zone, language) : shortDay(moment, zone, language)}
    </time>
  );
}

/** A missed call and a reminder are there to be acted on. */
function CallThem({ notice }: { notice: Notice }) {
  const { t } = useLingui();
  const ring = useRing();
  const room = notice.room;
  if (!room || (notice.kind !== "missed_call" && notice.kind !== "reminder")) return null;
  return (
    <Button small onPress={() => void ring.room(room)}>
      <Phone size={16} />
      {notice.kind === "reminder" ? t`Call` : t`Call back`}
    </Button>
  );
}

/** The way into a meeting that has begun, or is about to. */
function JoinIt({ notice }: { notice: Notice }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const room = notice.room;
  if (!room || notice.read || !callsInto(notice)) return null;
  return (
    <Button small look="primary" onPress={() => void navigate({ to: "/live/$room", params: { room } })}>
      <Video size={16} />
      {t`Join`}
    </Button>
  );
}

function useOpen(): (notice: Notice) => void {
  const navigate = useNavigate();
  return (notice) => {
    if (notice.kind === "hook_off") void navigate({ to: "/hooks" });
    else if (notice.meeting) void navigate({ to: "/meetings/$meeting", params: { meeting: notice.meeting } });
    else if (notice.kind === "password_asked") void navigate({ to: "/accounts" });
    else if (notice.kind === "link_made") void navigate({ to: "/settings" });
    else if (notice.room) void navigate({ to: "/rooms/$room", params: { room: notice.room } });
  };
}

import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import type { Meeting, Recording } from "../api/types";
import { queries, recordingsQuery } from "../app/queries";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { elapsed, moment, zoneName } from "../time/format";
import { Badge } from "../ui/Badge";
import { Confirm } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";

/** What has been recorded of a meeting. */
export function Recordings({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const recordings = useQuery(recordingsQuery(meeting.id));
  if (recordings.isPending) return <Loading />;
  if (recordings.isError) {
    return <Failed text={t`The recordings could not be loaded.`} onRetry={() => void recordings.refetch()} />;
  }
  if (recordings.data.length === 0)
    return <p className="text-ink-soft">{t`This meeting was not recorded.`}</p>;
  return (
    <ul className="flex flex-col divide-y divide-line">
      {recordings.data.map((r) => (
        <Row key={r.id} meeting={meeting} recording={r} />
      ))}
    </ul>
  );
}

function Row({ meeting, recording }: { meeting: Meeting; recording: Recording }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  const [asking, setAsking] = useState(false);
  const at = moment(new Date(recording.started_at), zone, language);
  const remove = async () => {
    try {
      await call("DELETE", `/recordings/${recording.id}`);
      await queries.invalidateQueries({ queryKey: ["recordings", meeting.id] });
    } catch {
      toast(t`The recording could not be deleted.`, { tone: "danger" });
    }
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-48 flex-1">
        <p className="tabular flex flex-wrap items-center gap-2">
          {at} <span className="text-ink-faint text-sm">{zoneName(zone, language)}</span>
          {recording.state === "recording" ? <Badge tone="solid">{t`Recording`}</Badge> : null}
          {recording.state === "failed" ? <Badge tone="warn">{t`Broke off`}</Badge> : null}
        </p>
        <p className="tabular text-ink-faint text-sm">
          {elapsed(recording.duration_ms)} · {megabytes(recording.bytes)} ·{" "}
          {t`started by ${recording.started_by_name}`}
        </p>
      </div>
      {recording.state === "recording" ? null : (
        <>
          <Link
            to="/recordings/$meeting/$recording"
            params={{ meeting: meeting.id, recording: recording.id }}
            className="inline-flex min-h-9 items-center gap-2 rounded-[10px] bg-accent px-3 font-medium text-on-accent text-sm hover:bg-accent-strong"
          >
            <Play size={16} />
            {t`Play`}
          </Link>
          <a
            href={`/api/recordings/${recording.id}/archive`}
            download
            className="inline-flex min-h-9 items-center gap-2 rounded-[10px] border border-line-strong/60 px-3 font-medium text-sm hover:bg-sunken"
          >
            <Download size={16} />
            {t`Download`}
          </a>
          {meeting.may.delete_recordings ? (
            <IconButton label={t`Delete the recording of ${at}`} onPress={() => setAsking(true)}>
              <Trash2 size={18} />
            </IconButton>
          ) : null}
        </>
      )}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t`Delete this recording?`}
        action={t`Delete`}
        danger
        onConfirm={remove}
      >
        {t`It is gone for everybody and cannot be brought back.`}
      </Confirm>
    </li>
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}

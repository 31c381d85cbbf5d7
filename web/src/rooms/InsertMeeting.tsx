import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { meetingsQuery } from "../app/queries";
import { useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { span, zoneName } from "../time/format";
import { Dialog } from "../ui/Dialog";
import { Empty, Failed, Loading } from "../ui/states";

interface Props {
  open: boolean;
  onClose: () => void;
  onInsert: (words: string) => void;
}

/** Chooses one of one's meetings, to lead others to it. */
export function InsertMeeting({ open, onClose, onInsert }: Props) {
  const { t } = useLingui();
  return (
    <Dialog open={open} onClose={onClose} title={t`Link to a meeting`}>
      <Choice
        onChoose={(id) => {
          onClose();
          onInsert(new URL(`/meetings/${id}`, location.href).href);
        }}
      />
    </Dialog>
  );
}

function Choice({ onChoose }: { onChoose: (id: string) => void }) {
  const { t } = useLingui();
  const zone = useZone();
  const language = currentLanguage();
  // Since an hour ago, so that what runs now is among them; fixed while the dialog is open.
  const [from] = useState(() => new Date(Math.floor(Date.now() / 3_600_000 - 1) * 3_600_000).toISOString());
  const meetings = useQuery(meetingsQuery(from));
  if (meetings.isPending) return <Loading />;
  if (meetings.isError)
    return <Failed text={t`The meetings could not be loaded.`} onRetry={() => void meetings.refetch()} />;
  const coming = meetings.data.filter((m) => m.state === "planned" || m.state === "live");
  if (coming.length === 0) return <Empty title={t`No meetings ahead`} />;
  return (
    <ul className="flex flex-col" aria-label={t`Meetings`}>
      {coming.map((m) => (
        <li key={m.id}>
          <button
            type="button"
            onClick={() => onChoose(m.id)}
            className="flex min-h-14 w-full flex-col justify-center rounded-xl px-2 py-1.5 text-left hover:bg-sunken"
          >
            <span className="font-medium">{m.title}</span>
            <span className="text-ink-soft text-sm">
              {span(new Date(m.starts_at), new Date(m.ends_at), zone, language)} · {zoneName(zone, language)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

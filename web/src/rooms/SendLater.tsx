import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Scheduled } from "../api/types";
import { accountsQuery, queries, stationsQuery } from "../app/queries";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { distinctZones } from "../time/zones";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Select } from "../ui/Select";
import { toast } from "../ui/toast";
import type { Said } from "./Composer";
import { clientId } from "./clientId";
import { WhenField } from "./InsertTime";
import { nextAt, scheduledContent } from "./later";
import type { Scene } from "./scene";

interface Props {
  scene: Scene;
  said: Said;
  onClose: () => void;
  onScheduled: () => void;
}

/** Chooses when a message is posted: by the reader's clock where there is one reader's. */
export function SendLater({ scene, said, onClose, onScheduled }: Props) {
  const { t } = useLingui();
  const theirs = useTheirZone(scene);
  const [at, setAt] = useState<Date>();
  const [pending, setPending] = useState(false);
  const [id] = useState(clientId); // whose answer is lost is the same message when it is tried again
  const send = async () => {
    if (!at) return;
    setPending(true);
    try {
      const body = { id, room: scene.room.id, content: scheduledContent(said), send_at: at.toISOString() };
      await call<Scheduled>("POST", "/scheduled", body);
      await queries.invalidateQueries({ queryKey: ["scheduled"] });
      onScheduled();
      onClose();
    } catch (error) {
      toast(
        error instanceof Problem && error.fields.send_at
          ? t`Choose a time that is still to come.`
          : t`The message could not be kept for later. Try again.`,
        {
          tone: "danger",
        },
      );
      setPending(false);
    }
  };
  const footer = (
    <Button look="primary" isDisabled={!at || at.getTime() < Date.now()} isPending={pending} onPress={send}>
      {t`Send then`}
    </Button>
  );
  return (
    <Dialog open onClose={onClose} title={t`Send later`} footer={footer}>
      <When mine={scene.zone} theirs={theirs} at={at} onChange={setAt} />
    </Dialog>
  );
}

interface WhenProps {
  mine: string;
  theirs: string | undefined;
  at: Date | undefined;
  onChange: (at: Date | undefined) => void;
}

/** A moment by either clock, with both shown. */
export function When({ mine, theirs, at, onChange }: WhenProps) {
  const { t } = useLingui();
  const language = currentLanguage();
  const [zone, setZone] = useState<string>();
  const by = zone ?? theirs ?? mine;
  const zones = distinctZones([theirs ?? mine, mine]);
  const now = new Date();
  const suggestions = [
    { label: t`In one hour`, at: new Date(now.getTime() + 3_600_000) },
    ...zones.map((z) => ({ label: t`9:00, ${zoneName(z, language)}`, at: nextAt(9, z, now) })),
  ];
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap gap-2">
        {suggestions.map((s) => (
          <Button key={s.label} small onPress={() => onChange(s.at)}>
            {s.label}
          </Button>
        ))}
      </div>
      {zones.length > 1 ? (
        <Select
          label={t`Whose clock`}
          value={by}
          options={zones.map((z) => ({
            value: z,
            label: z === mine ? t`Mine: ${zoneName(z, language)}` : t`Theirs: ${zoneName(z, language)}`,
          }))}
          onChange={setZone}
        />
      ) : null}
      <WhenField label={t`Time, ${zoneName(by, language)}`} zone={by} at={at} onChange={onChange} />
      {at ? (
        <ul className="flex flex-col gap-0.5 text-ink-soft text-sm" aria-label={t`When that is`}>
          {zones.map((z) => (
            <li key={z}>
              {zoneName(z, language, at)}: <span className="tabular text-ink">{moment(at, z, language)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** The zone of whoever reads the room: the other of two, or the station's. */
export function useTheirZone({ room, zone }: Pick<Scene, "room" | "zone">): string | undefined {
  const accounts = useQuery({ ...accountsQuery, enabled: room.kind === "direct" });
  const stations = useQuery({ ...stationsQuery, enabled: room.kind === "station" });
  const theirs =
    room.kind === "direct"
      ? accounts.data?.find((a) => a.id === room.counterpart?.id)?.time_zone
      : stations.data?.find((s) => s.id === room.station_id)?.time_zone;
  return theirs === zone ? undefined : theirs;
}

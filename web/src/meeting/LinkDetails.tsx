import { useLingui } from "@lingui/react/macro";
import { Signal, SignalLow, SignalMedium } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { IconButton } from "../ui/IconButton";
import type { Direction, Measured, Participant, Quality } from "../wire/messages";
import { useLive, useMeeting } from "./context";
import { gradeWords, qualityWords } from "./words";

const every = 2000;

/** How a participant's link is at present, as the node measures it: both ways, kept up to date. */
export function LinkDetails({ participant }: { participant: string }) {
  const { t } = useLingui();
  const self = useLive().me === participant;
  const measured = useMeasured(participant);
  if (measured === "unknown")
    return <p className="text-ink-soft text-sm">{t`It cannot be measured just now.`}</p>;
  const up = measured?.up;
  const down = measured?.down;
  return (
    <table className="tabular w-full text-sm">
      <thead>
        <tr className="text-left text-ink-faint">
          <td />
          <th scope="col" className="pb-1 pl-4 font-normal">
            {self ? t`From you` : t`From them`}
          </th>
          <th scope="col" className="pb-1 pl-4 font-normal">
            {self ? t`To you` : t`To them`}
          </th>
        </tr>
      </thead>
      <tbody>
        <Line name={t`State`} up={up} down={down} show={(d) => <GradeWord grade={d.grade} />} />
        <Line name={t`Loss`} up={up} down={down} show={(d) => `${d.loss} %`} />
        <Line
          name={t`Round trip`}
          up={up}
          down={down}
          show={(d) => (d.rtt_ms > 0 ? `${d.rtt_ms} ms` : "–")}
        />
        <Line name={t`Jitter`} up={up} down={down} show={(d) => `${d.jitter_ms} ms`} />
        <Line name={t`Frozen`} up={up} down={down} show={(d) => `${d.frozen} %`} />
        <Line name={t`Rate`} up={up} down={down} show={(d) => rate(d.bitrate)} />
      </tbody>
    </table>
  );
}

/** A sign of how somebody's link is; it opens the figures. */
export function LinkSign({ participant }: { participant: Participant }) {
  const { t, i18n } = useLingui();
  const word = i18n._(qualityWords[participant.quality]);
  return (
    <DialogTrigger>
      <IconButton label={t`Connection of ${participant.name}: ${word}`}>
        <span className={participant.quality === "good" ? "text-ink-faint" : "text-warn"}>
          <QualityIcon quality={participant.quality} />
        </span>
      </IconButton>
      <Popover
        className="z-50 rounded-xl border border-line bg-surface p-4 text-ink shadow-lift"
        data-theme="stage"
      >
        <Dialog
          aria-label={t`Connection of ${participant.name}`}
          className="flex flex-col gap-3 outline-none"
        >
          <p className="font-medium">{participant.name}</p>
          <LinkDetails participant={participant.id} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** Bars for a link's quality. */
export function QualityIcon({ quality }: { quality: Quality }) {
  const icons: { [Q in Quality]: ReactNode } = {
    good: <Signal size={18} />,
    weak: <SignalMedium size={18} />,
    poor: <SignalLow size={18} />,
  };
  return icons[quality];
}

interface LineProps {
  name: string;
  up: Direction | undefined;
  down: Direction | undefined;
  show: (d: Direction) => ReactNode;
}

/** One figure in both directions. Its place is there before it is known. */
function Line({ name, up, down, show }: LineProps) {
  return (
    <tr>
      <th scope="row" className="whitespace-nowrap py-0.5 text-left font-normal text-ink-soft">
        {name}
      </th>
      <td className="min-w-24 whitespace-nowrap py-0.5 pl-4">{up ? show(up) : "…"}</td>
      <td className="min-w-24 whitespace-nowrap py-0.5 pl-4">{down ? show(down) : "…"}</td>
    </tr>
  );
}

function GradeWord({ grade }: { grade: Direction["grade"] }) {
  const { i18n } = useLingui();
  return <span className={grade === "good" ? "" : "text-warn"}>{i18n._(gradeWords[grade])}</span>;
}

function rate(bits: number): string {
  return bits >= 1_000_000 ? `${(bits / 1_000_000).toFixed(1)} Mbit/s` : `${Math.round(bits / 1000)} kbit/s`;
}

/** Asks again and again while it is looked at. */
function useMeasured(participant: string): Measured | "unknown" | undefined {
  const { link } = useMeeting();
  const [measured, setMeasured] = useState<Measured | "unknown">();
  useEffect(() => {
    let over = false;
    const ask = () =>
      link.request("measure", { participant }).then(
        (m) => over || setMeasured(m),
        () => over || setMeasured("unknown"),
      );
    void ask();
    const timer = setInterval(() => void ask(), every);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [link, participant]);
  return measured;
}

import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { currentLanguage } from "../i18n/language";
import { zoneName } from "../time/format";
import { instantOf, localText } from "../time/zones";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { timeToken } from "./timeToken";

interface Props {
  open: boolean;
  onClose: () => void;
  zone: string;
  onInsert: (words: string) => void;
}

/** Chooses a time by one's own clock; each reader will see it by theirs. */
export function InsertTime({ open, onClose, zone, onInsert }: Props) {
  const { t } = useLingui();
  const [at, setAt] = useState<Date | undefined>(nextHour);
  const insert = () => {
    if (!at) return;
    onClose();
    onInsert(timeToken(at));
  };
  const footer = (
    <Button look="primary" isDisabled={!at} onPress={insert}>
      {t`Insert`}
    </Button>
  );
  return (
    <Dialog open={open} onClose={onClose} title={t`Insert a time`} footer={footer}>
      <WhenField label={t`Time, ${zoneName(zone, currentLanguage())}`} zone={zone} at={at} onChange={setAt} />
      <p className="pt-2 text-ink-soft text-sm">{t`Every reader sees it by their own clock.`}</p>
    </Dialog>
  );
}

interface WhenFieldProps {
  label: string;
  zone: string;
  at: Date | undefined;
  onChange: (at: Date | undefined) => void;
}

/** A day and an hour on a zone's clock, to be typed or picked. */
export function WhenField({ label, zone, at, onChange }: WhenFieldProps) {
  const { t } = useLingui();
  // What is typed and is no moment stays, so that it can be mended.
  const [typed, setTyped] = useState("");
  const change = (local: string) => {
    setTyped(local);
    onChange(instantOf(local, zone));
  };
  const skipped = at === undefined && typed !== "" && instantOf(typed, zone) === undefined;
  return (
    <label className="flex flex-col gap-1.5 font-medium text-ink-soft text-sm">
      {label}
      <input
        type="datetime-local"
        value={at ? localText(at, zone) : typed}
        onChange={(e) => change(e.target.value)}
        aria-invalid={skipped}
        className="field-box font-normal text-base text-ink"
      />
      {skipped ? (
        <span role="alert" className="font-normal text-danger">
          {t`The clocks are put forward over this time on that day.`}
        </span>
      ) : null}
    </label>
  );
}

/** The next full hour. */
function nextHour(): Date {
  const hour = 3_600_000;
  return new Date(Math.ceil((Date.now() + 60_000) / hour) * hour);
}

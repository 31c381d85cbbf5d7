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
  const [local, setLocal] = useState(() => nextHour(zone));
  const at = instantOf(local, zone);
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
      <WhenField label={t`Time, ${zoneName(zone, currentLanguage())}`} value={local} onChange={setLocal} />
      <p className="pt-2 text-ink-soft text-sm">{t`Every reader sees it by their own clock.`}</p>
    </Dialog>
  );
}

/** A day and an hour to be typed or picked. */
export function WhenField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (local: string) => void;
}) {
  return (
    <label className="flex flex-col gap-1.5 font-medium text-ink-soft text-sm">
      {label}
      <input
        type="datetime-local"
        value={value}
        onChange={(e) => onChange(e.target.value)}
        className="field-box font-normal text-base text-ink"
      />
    </label>
  );
}

/** The next full hour, as it can be typed. */
export function nextHour(zone: string): string {
  const hour = 3_600_000;
  return localText(new Date(Math.ceil((Date.now() + 60_000) / hour) * hour), zone);
}

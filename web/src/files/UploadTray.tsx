import { useLingui } from "@lingui/react/macro";
import { MapPin, Mic, RotateCw, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { currentLanguage } from "../i18n/language";
import { cx } from "../ui/cx";
import { IconButton } from "../ui/IconButton";
import { FileMark } from "./FileMark";
import { isPicture } from "./pictures";
import { lengthText, sizeText } from "./sizes";
import type { Item, Uploads } from "./uploads";
import { otherRefusal, refusals } from "./words";

/** The files of the message that is being written, with how far each has come. */
export function UploadTray({ uploads }: { uploads: Uploads }) {
  const { t } = useLingui();
  const items = useStore(uploads.store);
  if (items.length === 0) return null;
  return (
    <ul aria-label={t`Files to be sent`} className="flex gap-2 overflow-x-auto pb-2">
      {items.map((item) => (
        <Chip
          key={item.key}
          item={item}
          onRetry={() => uploads.retry(item.key)}
          onRemove={() => uploads.remove(item.key)}
        />
      ))}
    </ul>
  );
}

function Chip({ item, onRetry, onRemove }: { item: Item; onRetry: () => void; onRemove: () => void }) {
  const { t, i18n } = useLingui();
  const failed = item.state === "failed";
  const name = item.attachment.voice ? t`Voice message` : item.name;
  return (
    <li
      data-upload={item.state}
      className={cx(
        "relative flex shrink-0 items-center gap-2.5 overflow-hidden rounded-xl border p-1.5 pr-1",
        item.mayTellPlace ? "w-72" : "w-60",
        failed ? "border-danger bg-danger-soft" : "border-line bg-sunken",
      )}
    >
      <Thumb item={item} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm" title={name}>
          {name}
        </p>
        {failed ? (
          <p role="alert" className="text-danger text-xs">
            {i18n._(refusals[item.code ?? ""] ?? otherRefusal)}
          </p>
        ) : (
          <p className="tabular text-ink-faint text-xs">
            <Progress item={item} />
          </p>
        )}
        {item.mayTellPlace ? (
          <p role="alert" className="flex gap-1 text-warn text-xs">
            <MapPin size={12} className="mt-0.5 shrink-0" />
            {t`May still contain where it was taken`}
          </p>
        ) : null}
      </div>
      {failed ? (
        <IconButton label={t`Try again`} className="size-8" onPress={onRetry}>
          <RotateCw size={16} />
        </IconButton>
      ) : null}
      <IconButton label={t`Remove ${name}`} className="size-8" onPress={onRemove}>
        <X size={16} />
      </IconButton>
      {item.state === "sending" ? (
        <span
          className="absolute inset-x-0 bottom-0 h-1 origin-left bg-accent transition-transform"
          style={{ transform: `scaleX(${item.sent / Math.max(1, item.size)})` }}
        />
      ) : null}
    </li>
  );
}

function Progress({ item }: { item: Item }) {
  const { t } = useLingui();
  const language = currentLanguage();
  if (item.state === "done") {
    const { voice, duration_ms } = item.attachment;
    return voice ? lengthText(duration_ms) : sizeText(item.size, language);
  }
  const percent = Math.floor((100 * item.sent) / Math.max(1, item.size));
  const name = item.name;
  return (
    <span role="progressbar" aria-label={name} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      {item.sent === item.size ? t`Being checked…` : t`${percent}% of ${sizeText(item.size, language)}`}
    </span>
  );
}

function Thumb({ item }: { item: Item }) {
  const [url, setURL] = useState<string>();
  const shown = isPicture(item.attachment.type);
  useEffect(() => {
    if (!shown) return;
    const made = URL.createObjectURL(item.content);
    setURL(made);
    return () => URL.revokeObjectURL(made);
  }, [shown, item.content]);
  if (url) return <img src={url} alt="" className="size-11 shrink-0 rounded-lg object-cover" />;
  if (item.attachment.voice) {
    return (
      <span className="flex size-11 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent">
        <Mic size={20} />
      </span>
    );
  }
  return <FileMark name={item.name} type={item.attachment.type} />;
}

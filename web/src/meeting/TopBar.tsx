import { useLingui } from "@lingui/react/macro";
import { Check, Hand, Keyboard, LayoutGrid, Lock, Maximize, UserSquare } from "lucide-react";
import { Button as Plain } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { elapsed } from "../time/format";
import { useNow } from "../time/useNow";
import { cx } from "../ui/cx";
import { IconButton } from "../ui/IconButton";
import { Menu } from "../ui/Menu";
import { useLive, useMeetingStore } from "./context";
import { LinkDetails, QualityIcon } from "./LinkDetails";
import type { Mode } from "./stageTiles";
import { hands } from "./state";
import { causeWords, qualityWords } from "./words";

interface Props {
  mode: Mode | "automatic";
  onMode: (mode: Mode | "automatic") => void;
  onFullScreen: () => void;
  onHelp: () => void;
  onHands: () => void;
}

/** What meeting this is, how long it goes on, whether it is recorded, and how our link is. */
export function TopBar({ mode, onMode, onFullScreen, onHelp, onHands }: Props) {
  const { t } = useLingui();
  const { meeting } = useLive();
  const now = useNow(1000);
  const modes = [
    { id: "automatic" as const, label: t`Automatic layout` },
    { id: "grid" as const, label: t`Grid` },
    { id: "speaker" as const, label: t`Speaker` },
  ];
  return (
    <header className="flex min-h-12 items-center gap-3 px-3 sm:px-4">
      <h1 className="min-w-0 truncate font-medium">{meeting.title}</h1>
      <span className="tabular shrink-0 text-ink-faint text-sm" role="timer">
        {elapsed(now.getTime() - Date.parse(meeting.started_at))}
      </span>
      {meeting.locked ? (
        <Lock size={16} className="shrink-0 text-ink-faint" aria-label={t`The meeting is locked`} />
      ) : null}
      {meeting.recording.on ? <RecordingMark /> : null}
      <RaisedHands onPress={onHands} />
      <span className="flex-1" />
      <LinkQuality />
      <Menu
        label={t`Layout`}
        entries={modes.map((m) => ({
          id: m.id,
          label: m.label,
          icon: m.id === mode ? <Check size={16} /> : <span className="w-4" />,
          onAction: () => onMode(m.id),
        }))}
        trigger={
          <IconButton label={t`Layout`}>
            {mode === "speaker" ? <UserSquare size={20} /> : <LayoutGrid size={20} />}
          </IconButton>
        }
      />
      <span className="hidden md:flex">
        <IconButton label={t`Keyboard shortcuts`} onPress={onHelp}>
          <Keyboard size={20} />
        </IconButton>
        <IconButton label={t`Full screen`} onPress={onFullScreen}>
          <Maximize size={20} />
        </IconButton>
      </span>
    </header>
  );
}

/** How many hands are up, and whose: also of those whose tile is off the screen. */
function RaisedHands({ onPress }: { onPress: () => void }) {
  const { t, i18n } = useLingui();
  const raised = hands(useLive());
  if (raised.length === 0) return null;
  const names = new Intl.ListFormat(i18n.locale).format(raised.map((p) => p.name));
  return (
    <Plain
      aria-label={t`Raised hands: ${names}`}
      onPress={onPress}
      className="tabular flex min-h-8 shrink-0 items-center gap-1.5 rounded-full bg-warn-soft px-2.5 text-sm text-warn hover:bg-sunken"
    >
      <Hand size={16} aria-hidden="true" />
      {raised.length}
    </Plain>
  );
}

function RecordingMark() {
  const { t } = useLingui();
  return (
    <span
      role="status"
      className="flex shrink-0 items-center gap-1.5 rounded-full bg-danger px-2.5 py-0.5 font-medium text-on-danger text-xs"
    >
      <span className="size-2 animate-pulse rounded-full bg-white" aria-hidden="true" />
      {t`Recording`}
    </span>
  );
}

function LinkQuality() {
  const { t, i18n } = useLingui();
  const quality = useMeetingStore((s) => s.quality);
  const cause = useMeetingStore((s) => s.cause);
  const { me } = useLive();
  const words = i18n._(qualityWords[quality]);
  return (
    <DialogTrigger>
      <Plain
        aria-label={words}
        className={cx(
          "flex min-h-10 items-center gap-1.5 rounded-lg px-2 text-sm hover:bg-sunken",
          quality === "good"
            ? "text-ink-faint"
            : quality === "weak"
              ? "text-warn"
              : "text-[oklch(0.74_0.15_25)]",
        )}
      >
        <QualityIcon quality={quality} />
        {quality === "good" ? null : <span className="hidden sm:inline">{words}</span>}
      </Plain>
      <Popover
        data-theme="stage"
        className="z-50 max-w-xs rounded-xl border border-line bg-surface p-4 text-ink shadow-lift"
      >
        <Dialog aria-label={words} className="outline-none">
          <p className="font-medium">{words}</p>
          <p className="pt-1 text-ink-soft text-sm">
            {quality !== "good" && cause
              ? i18n._(causeWords[cause])
              : t`Sound and picture arrive as they should.`}
          </p>
          <div className="mt-3 border-line border-t pt-3">
            <LinkDetails participant={me} />
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

import { useLingui } from "@lingui/react/macro";
import { Check, ChevronUp, MonitorUp, MonitorX } from "lucide-react";
import type { ReactNode } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { Button } from "../ui/Button";
import { Menu } from "../ui/Menu";
import type { ScreenMode } from "../wire/messages";
import { BarButton } from "./BarButton";
import { useMeeting, useMeetingStore } from "./context";
import { canShareScreen } from "./media/screen";

/** Shares the screen, or stops; beside it what matters more of it. */
export function ShareButton() {
  const { t } = useLingui();
  const { meeting } = useMeeting();
  const sharing = useMeetingStore((s) => s.sending.screen);
  if (!canShareScreen()) return null;
  return (
    <div className="hidden items-center sm:flex">
      <BarButton
        label={sharing ? t`Stop sharing` : t`Share screen`}
        active={sharing}
        onPress={() => (sharing ? meeting.stopScreen() : void meeting.shareScreen())}
      >
        {sharing ? <MonitorX size={22} /> : <MonitorUp size={22} />}
      </BarButton>
      <ModeMenu
        trigger={
          <Plain
            aria-label={t`What is shared`}
            className="-ml-1 hidden h-14 w-6 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken md:flex"
          >
            <ChevronUp size={16} />
          </Plain>
        }
      />
    </div>
  );
}

/** Over the stage while we share: it says so, and how. */
export function SharingNote() {
  const { t } = useLingui();
  const { meeting } = useMeeting();
  const sharing = useMeetingStore((s) => s.sending.screen);
  const words = useModeWords();
  const mode = useMeetingStore((s) => s.mode);
  if (!sharing) return null;
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 rounded-xl bg-accent-soft px-4 py-1.5 text-sm">
      <span role="status">{t`You are sharing your screen.`}</span>
      <ModeMenu
        trigger={
          <Button small>
            {words[mode]}
            <ChevronUp size={14} aria-hidden="true" />
          </Button>
        }
      />
      <Button small look="danger" onPress={() => meeting.stopScreen()}>
        {t`Stop sharing`}
      </Button>
    </div>
  );
}

function ModeMenu({ trigger }: { trigger: ReactNode }) {
  const { t } = useLingui();
  const { meeting } = useMeeting();
  const current = useMeetingStore((s) => s.mode);
  const words = useModeWords();
  const entry = (mode: ScreenMode) => ({
    id: mode,
    label: words[mode],
    icon: <Check size={16} className={mode === current ? "" : "invisible"} aria-hidden="true" />,
    onAction: () => void meeting.setMode(mode),
  });
  return <Menu trigger={trigger} label={t`What is shared`} entries={[entry("text"), entry("motion")]} />;
}

function useModeWords(): { [M in ScreenMode]: string } {
  const { t } = useLingui();
  return { text: t`Detail`, motion: t`Motion` };
}

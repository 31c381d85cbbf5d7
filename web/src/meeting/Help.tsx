import { useLingui } from "@lingui/react/macro";
import { Dialog } from "../ui/Dialog";

/** The shortcuts, as a list. */
export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useLingui();
  const lines: [string, string][] = [
    [t`Hold Space`, t`Talk while muted`],
    ["Alt+A · Ctrl+D", t`Mute or unmute`],
    ["Alt+V · Ctrl+E", t`Start or stop video`],
    ["Alt+S", t`Share screen`],
    ["Alt+Y", t`Raise or lower hand`],
    ["Alt+M", t`Mute all (host)`],
    ["Alt+R", t`Record (host)`],
    ["Alt+F", t`Full screen`],
    ["?", t`This list`],
  ];
  return (
    <Dialog open={open} onClose={onClose} title={t`Keyboard shortcuts`}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2.5">
        {lines.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded-md border border-line-strong/50 bg-sunken px-2 py-0.5 font-sans text-sm">
                {keys}
              </kbd>
            </dt>
            <dd className="text-ink-soft">{what}</dd>
          </div>
        ))}
      </dl>
      <p className="pt-4 text-ink-faint text-sm">{t`Shortcuts rest while you type.`}</p>
    </Dialog>
  );
}

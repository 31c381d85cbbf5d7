import { useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { Button } from "./Button";
import { cx } from "./cx";
import { IconButton } from "./IconButton";
import { useToasts } from "./toast";

/** The place where notes appear; screen readers are told politely. */
export function Toasts() {
  const { t } = useLingui();
  const { shown, dismiss } = useToasts();
  return (
    <section
      aria-label={t`Notices`}
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-22 z-50 flex flex-col items-center gap-2 px-3"
    >
      {shown.map((toast) => (
        <div
          key={toast.id}
          className={cx(
            "pointer-events-auto flex max-w-lg items-center gap-2 rounded-xl border py-1.5 pr-1.5 pl-4 shadow-lift",
            toast.tone === "danger"
              ? "border-danger/30 bg-danger-soft text-ink"
              : "border-line bg-surface text-ink",
          )}
        >
          <span className="py-1.5">{toast.text}</span>
          {toast.action ? (
            <Button
              small
              look="plain"
              onPress={() => {
                toast.action?.run();
                dismiss(toast.id);
              }}
            >
              {toast.action.label}
            </Button>
          ) : null}
          <IconButton label={t`Close`} className="size-9" onPress={() => dismiss(toast.id)}>
            <X size={16} />
          </IconButton>
        </div>
      ))}
    </section>
  );
}

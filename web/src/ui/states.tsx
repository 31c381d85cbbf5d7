import { useLingui } from "@lingui/react/macro";
import { CloudOff, RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { Spinner } from "./Spinner";

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
}

/** What a place shows when nothing is in it yet, and what to do about it. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-12 text-center text-ink-soft">
      {icon ? <div className="text-ink-faint">{icon}</div> : null}
      <p className="font-medium text-ink">{title}</p>
      {children}
    </div>
  );
}

/** What a place shows while it is being read. */
export function Loading({ label }: { label?: string }) {
  const { t } = useLingui();
  return (
    <div role="status" className="flex items-center justify-center gap-3 px-6 py-12 text-ink-soft">
      <Spinner size={20} />
      {label ?? t`Loading…`}
    </div>
  );
}

/** What a place shows when reading failed: in words, with another try. */
export function Failed({ text, onRetry }: { text: string; onRetry?: () => void }) {
  const { t } = useLingui();
  return (
    <div role="alert" className="flex flex-col items-center gap-3 px-6 py-12 text-center text-ink-soft">
      <TriangleAlert size={28} className="text-warn" />
      <p>{text}</p>
      {onRetry ? (
        <Button onPress={onRetry}>
          <RotateCw size={16} />
          {t`Try again`}
        </Button>
      ) : null}
    </div>
  );
}

/** A line across the page while there is no connection. */
export function OfflineBar({ text }: { text: string }) {
  return (
    <div
      role="status"
      className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-1.5 text-sm text-warn"
    >
      <CloudOff size={16} />
      {text}
    </div>
  );
}

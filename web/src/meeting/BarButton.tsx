import type { ReactNode } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { cx } from "../ui/cx";

interface BarButtonProps {
  label: string;
  children: ReactNode;
  onPress?: () => void;
  active?: boolean;
  off?: boolean;
  danger?: boolean;
  disabled?: boolean;
  count?: number;
  alert?: number;
  pressed?: boolean;
}

/** One button of the bar: a picture and a word. */
export function BarButton({
  label,
  children,
  onPress,
  active,
  off,
  danger,
  disabled,
  count,
  alert,
  pressed,
}: BarButtonProps) {
  return (
    <Plain
      {...(onPress && { onPress })}
      isDisabled={disabled ?? false}
      {...(pressed !== undefined && { "aria-pressed": pressed })}
      className={cx(
        "relative flex h-14 w-[3.65rem] flex-col items-center justify-center gap-0.5 rounded-xl text-[10px] transition-colors sm:w-auto sm:min-w-16 sm:px-1 sm:text-xs",
        "disabled:opacity-40",
        danger ? "bg-danger text-on-danger hover:bg-danger-strong" : "text-ink hover:bg-sunken",
        active && "bg-sunken text-accent",
        off && "text-danger dark:text-[oklch(0.74_0.15_25)]",
      )}
    >
      {children}
      <span className="max-w-full truncate sm:max-w-20">{label}</span>
      {count !== undefined && !alert ? (
        <span aria-hidden="true" className="tabular absolute top-1 right-1.5 text-[11px] text-ink-faint">
          {count}
        </span>
      ) : null}
      {alert ? (
        <span className="tabular absolute top-0.5 right-0.5 min-w-5 rounded-full bg-danger px-1 text-center text-[11px] text-on-danger">
          {alert > 99 ? "99+" : alert}
        </span>
      ) : null}
    </Plain>
  );
}

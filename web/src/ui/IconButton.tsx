import type { ReactNode } from "react";
import { Button, type ButtonProps } from "react-aria-components/Button";
import { Tooltip, TooltipTrigger } from "react-aria-components/Tooltip";
import { cx } from "./cx";

interface Props extends Omit<ButtonProps, "children" | "className" | "style"> {
  label: string;
  className?: string;
  /** The one that most presses are for. */
  filled?: boolean;
  children: ReactNode;
}

/** A button that shows only an icon; its label is read aloud and shown on hover and focus. */
export function IconButton({ label, className, filled, children, ...rest }: Props) {
  return (
    <TooltipTrigger delay={500}>
      <Button
        {...rest}
        aria-label={label}
        className={cx(
          "inline-flex size-10 shrink-0 items-center justify-center rounded-[10px] transition-colors disabled:opacity-45",
          filled
            ? "bg-accent text-on-accent hover:bg-accent-strong"
            : "text-ink-soft hover:bg-sunken hover:text-ink",
          className,
        )}
      >
        {children}
      </Button>
      <Tooltip className="z-50 rounded-lg bg-ink px-2.5 py-1 text-sm text-canvas shadow-lift" offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}

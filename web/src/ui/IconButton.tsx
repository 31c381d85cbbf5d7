import type { ReactNode } from "react";
import { Button, type ButtonProps } from "react-aria-components/Button";
import { Tooltip, TooltipTrigger } from "react-aria-components/Tooltip";
import { cx } from "./cx";

interface Props extends Omit<ButtonProps, "children" | "className" | "style"> {
  label: string;
  className?: string;
  children: ReactNode;
}

/** A button that shows only an icon; its label is read aloud and shown on hover and focus. */
export function IconButton({ label, className, children, ...rest }: Props) {
  return (
    <TooltipTrigger delay={500}>
      <Button
        {...rest}
        aria-label={label}
        className={cx(
          "inline-flex size-10 shrink-0 items-center justify-center rounded-[10px] text-ink-soft transition-colors",
          "hover:bg-sunken hover:text-ink disabled:opacity-45",
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

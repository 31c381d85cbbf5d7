import type { ReactNode } from "react";
import { Button as Base, type ButtonProps as BaseProps } from "react-aria-components/Button";
import { cx } from "./cx";
import { Spinner } from "./Spinner";

const looks = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  quiet: "bg-surface text-ink border border-line-strong/60 hover:bg-sunken",
  plain: "text-accent hover:bg-accent-soft",
  danger: "bg-danger text-on-danger hover:bg-danger-strong",
} as const;

/** What every button of ours can be. */
export interface ButtonProps extends Omit<BaseProps, "children" | "className" | "style"> {
  look?: keyof typeof looks;
  small?: boolean;
  wide?: boolean;
  className?: string;
  children: ReactNode;
}

/** The button. Pending keeps its place and says that something is under way. */
export function Button({ look = "quiet", small, wide, className, children, ...rest }: ButtonProps) {
  return (
    <Base
      {...rest}
      className={cx(
        "inline-flex select-none items-center justify-center gap-2 rounded-[10px] font-medium transition-colors",
        "disabled:cursor-not-allowed disabled:opacity-50 data-[pending]:opacity-80",
        small ? "min-h-9 px-3 text-sm" : "min-h-11 px-4",
        wide && "w-full",
        looks[look],
        className,
      )}
    >
      {rest.isPending ? <Spinner /> : null}
      {children}
    </Base>
  );
}

import { useId } from "react";
import { cx } from "./cx";

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  hideLabel?: boolean;
  disabled?: boolean;
  className?: string;
}

/** A labelled choice of one. The system's own list: on a phone nothing is easier to use. */
export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  hideLabel,
  disabled,
  className,
}: Props<T>) {
  const id = useId();
  return (
    <div className={cx("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className={cx("text-sm font-medium text-ink-soft", hideLabel && "sr-only")}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        onChange={(e) => {
          const chosen = options.find((o) => o.value === e.target.value);
          if (chosen) onChange(chosen.value);
        }}
        className="field-box truncate disabled:opacity-60"
      >
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </select>
    </div>
  );
}

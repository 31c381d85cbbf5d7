import { cx } from "./cx";
import { hueOf, initialsOf } from "./initials";

interface Props {
  name: string;
  size?: number;
  online?: boolean | undefined;
  className?: string;
}

/** A round mark with a person's initials; its colour goes with the name, the same on every page. */
export function Avatar({ name, size = 36, online, className }: Props) {
  return (
    <span
      aria-hidden="true"
      className={cx(
        "relative inline-flex shrink-0 items-center justify-center rounded-full font-medium text-white",
        className,
      )}
      style={{
        width: size,
        height: size,
        fontSize: size * 0.38,
        background: `oklch(0.5 0.075 ${hueOf(name)})`,
      }}
    >
      {initialsOf(name)}
      {online === undefined ? null : (
        <span
          className={cx(
            "absolute right-0 bottom-0 size-[28%] min-h-2 min-w-2 rounded-full border-2 border-surface",
            online ? "bg-good" : "bg-line-strong",
          )}
        />
      )}
    </span>
  );
}

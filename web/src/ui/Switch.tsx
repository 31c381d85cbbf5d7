import type { ReactNode } from "react";
import { Switch as Base, type SwitchProps } from "react-aria-components/Switch";

interface Props extends Omit<SwitchProps, "children" | "className" | "style"> {
  children: ReactNode;
}

/** Something that is on or off and takes effect at once. */
export function Switch({ children, ...rest }: Props) {
  return (
    <Base {...rest} className="group flex min-h-10 cursor-pointer items-center gap-3">
      <span className="relative h-6 w-10 shrink-0 rounded-full bg-line-strong transition-colors group-data-[focus-visible]:outline-2 group-data-[focus-visible]:outline-offset-2 group-data-[focus-visible]:outline-accent group-data-[selected]:bg-accent">
        <span className="absolute top-0.5 left-0.5 size-5 rounded-full bg-white shadow transition-transform group-data-[selected]:translate-x-4" />
      </span>
      <span className="flex items-center gap-2">{children}</span>
    </Base>
  );
}

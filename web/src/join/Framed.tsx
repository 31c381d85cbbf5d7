import type { ReactNode } from "react";
import { LanguageSwitch } from "../ui/LanguageSwitch";

/** A guest's page: the organisation, the language, and what there is to say. */
export function Framed({ organisation, children }: { organisation?: string; children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex min-h-14 items-center justify-between gap-4 border-b border-line bg-surface px-4 md:px-8">
        <p className="flex min-w-0 items-center gap-2.5 font-medium">
          <img src="/icon.svg" alt="" width={26} height={26} className="shrink-0" />
          <span className="line-clamp-2 text-sm leading-snug sm:text-base">
            {organisation ?? "云侨 Yunqiao"}
          </span>
        </p>
        <LanguageSwitch />
      </header>
      <main className="flex-1">{children}</main>
    </div>
  );
}

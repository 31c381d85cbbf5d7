import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { serverQuery } from "../app/queries";
import { usePageTitle } from "../app/title";
import { currentLanguage } from "../i18n/language";
import { LanguageSwitch } from "../ui/LanguageSwitch";

/** The page before one is inside: the organisation's name and one card. */
export function Entrance({ title, children }: { title: string; children: ReactNode }) {
  const server = useQuery(serverQuery);
  usePageTitle(title);
  const name = currentLanguage() === "en" ? server.data?.name_en : server.data?.name_zh;
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex justify-end p-3">
        <LanguageSwitch />
      </header>
      <main className="mx-auto flex w-full max-w-sm flex-1 flex-col gap-6 px-5 pt-[8vh] pb-12">
        <div className="flex flex-col items-center gap-3 text-center">
          <img src="/icon.svg" alt="" width={52} height={52} />
          <div>
            <h1 className="font-semibold text-2xl">{title}</h1>
            <p className="pt-1 text-ink-faint">{name}</p>
          </div>
        </div>
        {children}
      </main>
    </div>
  );
}

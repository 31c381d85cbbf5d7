import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { useSession } from "../app/session";
import { usePageTitle } from "../app/title";
import { Empty } from "../ui/states";
import { Erasures } from "./Erasures";
import { ImportRoom } from "./ImportRoom";
import { RetentionRules } from "./RetentionRules";

/** How long things are kept, what comes in from elsewhere, and whose data was erased. */
export function RecordsPage() {
  const { t } = useLingui();
  usePageTitle(t`Data`);
  const { account } = useSession();
  if (account.role !== "admin") return <Empty title={t`Only administrators see this page.`} />;
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6 md:px-8 md:py-10">
      <h1 className="font-semibold text-2xl">{t`Data`}</h1>
      <Part
        title={t`How long messages are kept`}
        text={t`What is older is removed with its files; everybody sees that something was here. Minutes and recordings are not concerned.`}
      >
        <RetentionRules />
      </Part>
      <Part
        title={t`Import a chat`}
        text={t`An archive that was exported here or at another hub becomes a new group of yours. Its authors appear as names, not as accounts.`}
      >
        <ImportRoom />
      </Part>
      <Part
        title={t`Erased people`}
        text={t`Everything that a person said and sent goes, with a proof. Signed minutes, attendance, recordings and what others wrote about them stay.`}
      >
        <Erasures />
      </Part>
    </div>
  );
}

function Part({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 rounded-2xl border border-line bg-surface p-5 md:p-6">
      <div className="flex flex-col gap-1">
        <h2 className="font-semibold text-lg">{title}</h2>
        <p className="text-ink-soft text-sm">{text}</p>
      </div>
      {children}
    </section>
  );
}

import { useLingui } from "@lingui/react/macro";
import { Copy, Globe, MoreHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import type { Invitation } from "../api/types";
import { currentLanguage } from "../i18n/language";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";
import type { InApp } from "./browser";
import { Framed } from "./Framed";
import { InvitationCard } from "./InvitationCard";

interface Props {
  app: InApp;
  invitation: Invitation;
  onContinue: () => void;
}

/** Shown inside WeChat and the like: camera and microphone need the phone's own browser. */
export function InAppHint({ app, invitation, onContinue }: Props) {
  const { t } = useLingui();
  const names: { [A in InApp]: string } = {
    wechat: t`WeChat`,
    wecom: t`WeCom`,
    dingtalk: t`DingTalk`,
    qq: "QQ",
    other: t`this app`,
  };
  const copy = () =>
    navigator.clipboard.writeText(location.href).then(
      () => toast(t`The link has been copied.`),
      () => toast(t`Please press and hold the address to copy it.`),
    );
  return (
    <Framed
      organisation={currentLanguage() === "en" ? invitation.organisation_en : invitation.organisation_zh}
    >
      <div className="mx-auto flex max-w-md flex-col gap-6 px-6 pt-4 pb-10">
        <ToTheDots />
        <InvitationCard invitation={invitation} />
        <section className="flex flex-col gap-3 rounded-2xl bg-sunken p-4">
          <h2 className="font-semibold text-lg">{t`Please open this page in your browser`}</h2>
          <p className="text-ink-soft">
            {t`You have opened the link in ${names[app]}. Camera and microphone may not work here.`}
          </p>
          <ol className="flex flex-col gap-3">
            <Step icon={<MoreHorizontal size={20} />}>{t`Tap the three dots at the top right.`}</Step>
            <Step icon={<Globe size={20} />}>{t`Choose “Open in browser”.`}</Step>
          </ol>
        </section>
        <Button look="primary" wide onPress={copy}>
          <Copy size={18} />
          {t`Copy the link`}
        </Button>
        <Button look="plain" wide onPress={onContinue}>
          {t`Continue here anyway`}
        </Button>
      </div>
    </Framed>
  );
}

function Step({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex items-center gap-4">
      <span className="flex size-10 shrink-0 items-center justify-center rounded-full bg-surface">
        {icon}
      </span>
      {children}
    </li>
  );
}

/** An arrow to the dots, which the app shows above the page at its right. */
function ToTheDots() {
  return (
    <svg viewBox="0 0 96 64" aria-hidden="true" className="-mb-6 h-16 w-24 self-end text-accent">
      <path
        d="M6 58 C 34 54, 66 44, 82 10 M66 20 L83 8 L90 28"
        fill="none"
        stroke="currentColor"
        strokeWidth="4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

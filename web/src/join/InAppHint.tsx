import { useLingui } from "@lingui/react/macro";
import { Copy, MoreHorizontal } from "lucide-react";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";
import type { InApp } from "./browser";
import { Framed } from "./Framed";

/** Shown inside WeChat and the like: camera and microphone need the phone's own browser. */
export function InAppHint({ app, onContinue }: { app: InApp; onContinue: () => void }) {
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
    <Framed>
      <div className="mx-auto flex max-w-md flex-col gap-6 px-6 py-12">
        <h1 className="font-semibold text-2xl">{t`Please open this page in your browser`}</h1>
        <p className="text-ink-soft">
          {t`You have opened the link in ${names[app]}. Camera and microphone may not work here.`}
        </p>
        <ol className="flex flex-col gap-4">
          <li className="flex items-center gap-4 rounded-xl bg-sunken p-4">
            <span className="flex size-10 shrink-0 items-center justify-center rounded-full bg-surface">
              <MoreHorizontal size={20} />
            </span>
            {t`Press the three dots at the top right.`}
          </li>
          <li className="flex items-center gap-4 rounded-xl bg-sunken p-4">
            <span className="flex size-10 shrink-0 items-center justify-center rounded-full bg-surface">
              <img src="/icon.svg" alt="" width={20} height={20} />
            </span>
            {t`Choose “Open in browser”.`}
          </li>
        </ol>
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

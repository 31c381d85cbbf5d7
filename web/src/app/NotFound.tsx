import { useLingui } from "@lingui/react/macro";
import { Compass } from "lucide-react";
import { Empty } from "../ui/states";

/** For an address that leads nowhere. */
export function NotFound() {
  const { t } = useLingui();
  return (
    <div className="flex min-h-[70dvh] flex-col justify-center">
      <Empty icon={<Compass size={32} />} title={t`There is no such page`}>
        <a href="/" className="text-accent underline underline-offset-4">{t`To the home page`}</a>
      </Empty>
    </div>
  );
}

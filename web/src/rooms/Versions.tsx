import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { currentLanguage } from "../i18n/language";
import { moment, zoneName } from "../time/format";
import { Empty, Failed, Loading } from "../ui/states";
import type { Message } from "../wire/messages";
import { Words } from "./MessageBody";
import { versionsQuery } from "./roomQueries";
import type { Scene } from "./scene";

/** What a message said before it was edited, the newest first. */
export function Versions({ scene, message }: { scene: Scene; message: Message }) {
  const { t } = useLingui();
  const language = currentLanguage();
  const versions = useQuery(versionsQuery(scene.room.id, message.id));
  if (versions.isPending) return <Loading />;
  if (versions.isError)
    return <Failed text={t`The versions could not be loaded.`} onRetry={() => void versions.refetch()} />;
  if (versions.data.length === 0) return <Empty title={t`It was not edited`} />;
  return (
    <ol className="flex flex-col gap-4">
      {versions.data.toReversed().map((v) => (
        <li key={v.replaced_at} className="flex flex-col gap-1">
          <p className="text-ink-faint text-xs">
            {t`Until ${moment(new Date(v.replaced_at), scene.zone, language)} (${zoneName(scene.zone, language)})`}
          </p>
          <div className="rounded-xl bg-sunken px-3.5 py-2">
            <Words text={v.text} textEN={v.text_en} names={[]} zone={scene.zone} />
          </div>
        </li>
      ))}
    </ol>
  );
}

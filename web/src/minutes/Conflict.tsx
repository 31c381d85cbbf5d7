import { useLingui } from "@lingui/react/macro";
import type { Block } from "../api/types";
import { Button } from "../ui/Button";
import { type Content, contentOf } from "./blocks";
import { useKinds } from "./kinds";

interface Props {
  mine: Content;
  theirs: Block;
  settle: (choice: "mine" | "theirs" | "both") => void;
}

/** Both versions beside each other: whoever writes decides, nothing is lost unseen. */
export function Conflict({ mine, theirs, settle }: Props) {
  const { t } = useLingui();
  return (
    <div role="alert" className="flex flex-col gap-3 rounded-xl bg-warn-soft p-4">
      <p className="font-medium">{t`${theirs.updated_by_name} has saved another version meanwhile. Yours is not saved yet.`}</p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Version title={t`Your version`} content={mine} />
        <Version title={t`Version of ${theirs.updated_by_name}`} content={contentOf(theirs)} />
      </div>
      <p className="text-ink-soft text-sm">{t`You can go on changing yours above before you choose.`}</p>
      <div className="flex flex-wrap gap-2">
        <Button small onPress={() => settle("mine")}>{t`Keep mine`}</Button>
        <Button small onPress={() => settle("theirs")}>{t`Take theirs`}</Button>
        <Button small onPress={() => settle("both")}>{t`Keep both`}</Button>
      </div>
    </div>
  );
}

function Version({ title, content }: { title: string; content: Content }) {
  const { t } = useLingui();
  const kinds = useKinds();
  return (
    <section className="flex flex-col gap-1 rounded-lg bg-surface p-3">
      <h3 className="text-ink-faint text-sm">
        {title} · {kinds[content.kind]}
      </h3>
      <p className="whitespace-pre-wrap break-words">{content.text || t`nothing`}</p>
      {content.owner || content.due ? (
        <p className="text-ink-soft text-sm">
          {content.owner} {content.due}
        </p>
      ) : null}
    </section>
  );
}

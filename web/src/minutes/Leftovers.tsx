import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import type { Minutes } from "../api/types";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";
import { type Content, shown } from "./blocks";
import { useKinds } from "./kinds";
import { isSettled, type Unsaved, useUnsaved } from "./unsaved";

interface Props {
  minutes: Minutes;
  onAdd: (content: Content) => Promise<boolean>;
}

/** What was written here and has lost its field: nothing disappears without a word. */
export function Leftovers({ minutes, onAdd }: Props) {
  const { t } = useLingui();
  const byBlock = useUnsaved((s) => s.byBlock);
  const unsaved = Object.values(byBlock).filter((u) => u.minutes === minutes.id);
  const left = unsaved.filter((u) => !minutes.may.edit || !minutes.blocks.some((b) => b.id === u.block));
  useWarning(useUnsaved((s) => !isSettled(s, minutes.id)));
  if (left.length === 0) return null;
  return (
    <section role="alert" className="flex flex-col gap-3 rounded-2xl bg-warn-soft p-5">
      <p className="font-medium">
        {minutes.may.edit
          ? t`Somebody has deleted a block in which you were writing. Your text was not saved:`
          : t`The minutes were handed over while you were writing. Your text was not saved:`}
      </p>
      {left.map((u) => (
        <Leftover key={u.block} minutes={minutes} unsaved={u} onAdd={onAdd} />
      ))}
    </section>
  );
}

/** Asks before the page is closed while something is not saved. */
function useWarning(needed: boolean) {
  useEffect(() => {
    if (!needed) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [needed]);
}

function Leftover({ minutes, unsaved, onAdd }: Props & { unsaved: Unsaved }) {
  const { t } = useLingui();
  const kinds = useKinds();
  const forget = useUnsaved((s) => s.forget);
  const content = shown(unsaved.writing);
  const again = async () => {
    if (await onAdd(content)) forget(unsaved.block);
  };
  const copy = () =>
    navigator.clipboard.writeText(content.text).then(
      () => toast(t`Copied.`),
      () => toast(t`Please select the text and copy it.`),
    );
  return (
    <div className="flex flex-col gap-2 rounded-xl bg-surface p-3">
      <p className="text-ink-faint text-sm">{kinds[content.kind]}</p>
      <p className="select-text whitespace-pre-wrap break-words">{content.text}</p>
      <div className="flex flex-wrap gap-2">
        {minutes.may.edit ? (
          <Button small onPress={() => void again()}>{t`Add it again at the end`}</Button>
        ) : null}
        <Button small onPress={() => void copy()}>{t`Copy the text`}</Button>
        <Button small look="plain" onPress={() => forget(unsaved.block)}>{t`Discard`}</Button>
      </div>
    </div>
  );
}

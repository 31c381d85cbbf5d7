import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Erasure } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { toast } from "../ui/toast";
import { type Erasable, PersonRow, PersonSearch } from "./PersonSearch";
import { erase } from "./queries";

/** Asks who, why, and once more: for the name, so that nobody is erased by a slip. */
export function EraseDialog({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [chosen, setChosen] = useState<Erasable>();
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [pending, setPending] = useState(false);
  const choose = (person: Erasable | undefined) => {
    setChosen(person);
    setTyped(""); // what was typed confirmed somebody else
  };
  const ready = chosen !== undefined && reason.trim() !== "" && typed.trim() === chosen.typed.trim();
  const submit = async () => {
    if (!chosen) return;
    setPending(true);
    try {
      const done = await erase({ person_kind: chosen.kind, person_id: chosen.id, reason: reason.trim() });
      const messages = rooms(done);
      toast(plural(messages, { one: "Erased; # message is gone.", other: "Erased; # messages are gone." }));
      onClose();
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
      setPending(false);
    }
  };
  const footer = (
    <>
      <Button onPress={onClose}>{t`Cancel`}</Button>
      <Button look="danger" isDisabled={!ready} isPending={pending} onPress={() => void submit()}>
        {t`Erase for good`}
      </Button>
    </>
  );
  const warning =
    chosen?.kind === "guest"
      ? t`The guest's links end, the name and address go from every invitation, and the guest's messages and files are removed from every chat. This cannot be undone.`
      : t`The account is closed and its messages and files are removed from every chat. This cannot be undone.`;
  return (
    <Dialog open onClose={onClose} title={t`Erase a person's data`} footer={footer}>
      <div className="flex flex-col gap-4">
        {chosen ? (
          <div className="flex flex-col items-end gap-1 rounded-xl border border-line p-2">
            <PersonRow person={chosen} />
            <Button small onPress={() => choose(undefined)}>{t`Choose somebody else`}</Button>
          </div>
        ) : (
          <PersonSearch onChoose={choose} />
        )}
        <Field label={t`Why`} value={reason} onChange={setReason} maxLength={500} rows={2} isRequired />
        {chosen ? (
          <>
            <Field
              label={t`Type ${chosen.typed} to confirm`}
              value={typed}
              onChange={setTyped}
              autoComplete="off"
              isRequired
            />
            <p className="text-ink-soft text-sm">{warning}</p>
          </>
        ) : null}
      </div>
    </Dialog>
  );
}

/** How many messages a proof says are gone. */
function rooms(erasure: Erasure): number {
  return erasure.proof.parts.reduce((sum, { part, erased }: { part: string; erased: unknown }) => {
    if (part !== "rooms" || typeof erased !== "object" || erased === null || !("messages" in erased))
      return sum;
    return sum + Number(erased.messages);
  }, 0);
}

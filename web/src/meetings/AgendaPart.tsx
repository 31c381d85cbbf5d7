import { useLingui } from "@lingui/react/macro";
import { ArrowUp, Plus, X } from "lucide-react";
import { useState } from "react";
import { clientId } from "../rooms/clientId";
import { isSendKey } from "../rooms/keys";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import type { Draft } from "./draft";

type Item = Draft["agenda"][number];

interface Props {
  agenda: readonly Item[];
  onChange: (agenda: Item[]) => void;
}

/** What is to be talked about, in its order, and for how long. Enter begins the next item. */
export function AgendaPart({ agenda, onChange }: Props) {
  const { t } = useLingui();
  const [added, setAdded] = useState("");
  const change = (key: string, part: Partial<Item>) =>
    onChange(agenda.map((a) => (a.key === key ? { ...a, ...part } : a)));
  const raise = (at: number) => {
    const next = [...agenda];
    const [item] = next.splice(at, 1);
    if (item) next.splice(at - 1, 0, item);
    onChange(next);
  };
  const add = (at: number) => {
    const key = clientId();
    setAdded(key);
    onChange([...agenda.slice(0, at), { key, title: "", minutes: 15 }, ...agenda.slice(at)]);
  };
  return (
    <>
      {agenda.map((item, i) => (
        <Row
          key={item.key}
          at={i}
          item={item}
          isNew={item.key === added}
          onChange={(part) => change(item.key, part)}
          onRaise={() => raise(i)}
          onRemove={() => onChange(agenda.filter((a) => a !== item))}
          onEnter={() => add(i + 1)}
        />
      ))}
      <Button small className="self-start" onPress={() => add(agenda.length)}>
        <Plus size={16} />
        {t`Add an item`}
      </Button>
    </>
  );
}

interface RowProps {
  at: number;
  item: Item;
  isNew: boolean;
  onChange: (part: Partial<Item>) => void;
  onRaise: () => void;
  onRemove: () => void;
  onEnter: () => void;
}

function Row({ at, item, isNew, onChange, onRaise, onRemove, onEnter }: RowProps) {
  const { t } = useLingui();
  return (
    <div className="flex flex-wrap items-end gap-x-3 gap-y-2">
      <Field
        className="min-w-0 flex-1 basis-full sm:basis-0"
        label={t`Item ${at + 1}`}
        value={item.title}
        onChange={(title) => onChange({ title })}
        onKeyDown={(e) => {
          if (!isSendKey(e.nativeEvent)) return;
          // Enter would send the whole form.
          e.preventDefault();
          if (item.title.trim() !== "") onEnter();
        }}
        autoFocus={isNew}
        maxLength={200}
      />
      <Field
        className="w-32"
        label={t`Duration (min)`}
        type="number"
        value={String(item.minutes)}
        onChange={(text) => onChange({ minutes: Math.max(0, Math.min(600, Number(text) || 0)) })}
      />
      <IconButton label={t`Move item ${at + 1} up`} isDisabled={at === 0} onPress={onRaise}>
        <ArrowUp size={18} />
      </IconButton>
      <IconButton label={t`Remove item ${at + 1}`} onPress={onRemove}>
        <X size={18} />
      </IconButton>
    </div>
  );
}

import { useLingui } from "@lingui/react/macro";
import { Check, CloudOff, History, ListPlus, Trash2 } from "lucide-react";
import { useState } from "react";
import { call, query } from "../api/client";
import type { Block, Minutes } from "../api/types";
import { queries } from "../app/queries";
import { cx } from "../ui/cx";
import { Confirm } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import { Menu } from "../ui/Menu";
import { Select } from "../ui/Select";
import { Spinner } from "../ui/Spinner";
import { toast } from "../ui/toast";
import { blank, blockKinds } from "./addBlock";
import { type Content, shown, type Writing } from "./blocks";
import { Conflict } from "./Conflict";
import { useKinds } from "./kinds";
import { useBlock } from "./useBlock";
import { Versions } from "./Versions";

interface Props {
  minutes: Minutes;
  block: Block;
  editable: boolean;
  /** Whether writing goes on here: the block has just been added. */
  isNew: boolean;
  onAdd: (content: Content, after: string) => Promise<boolean>;
}

/** One block of the minutes. */
export function BlockEditor(props: Props) {
  const { block, editable } = props;
  const kinds = useKinds();
  if (editable) return <Editable {...props} />;
  return (
    <li className="py-3" data-block={block.id}>
      <p className="text-accent text-sm">{kinds[block.kind]}</p>
      <p className="whitespace-pre-wrap">{block.text}</p>
      {block.kind === "action" && (block.owner || block.due) ? (
        <p className="text-ink-soft text-sm">
          {block.owner} {block.due}
        </p>
      ) : null}
    </li>
  );
}

function Editable({ minutes, block, isNew, onAdd }: Props) {
  const { t } = useLingui();
  const kinds = useKinds();
  const [history, setHistory] = useState(false);
  const [removing, setRemoving] = useState(false);
  const refresh = () => void queries.invalidateQueries({ queryKey: ["minutes", minutes.id] });
  const { writing, write, settle, saveNow, drop } = useBlock(minutes.id, block);
  const content = shown(writing);
  const remove = async () => {
    try {
      const { revision } = writing.base;
      await call("DELETE", `/minutes/${minutes.id}/blocks/${block.id}${query({ revision })}`);
      drop();
    } catch {
      toast(t`Somebody has just changed this block. It was not deleted.`, { tone: "danger" });
    }
    refresh();
  };
  return (
    <li className="flex flex-col gap-3 py-5" data-block={block.id}>
      <div className="flex flex-wrap items-center gap-2">
        <Select
          label={t`Kind`}
          hideLabel
          className="w-36 sm:w-40"
          value={content.kind}
          options={blockKinds.map((k) => ({ value: k, label: kinds[k] }))}
          onChange={(kind) => write({ kind })}
        />
        <span className="order-last basis-full sm:order-none sm:flex-1 sm:basis-0">
          <SaveState writing={writing} />
        </span>
        <span className="flex-1 sm:hidden" />
        <AddBelow onAdd={(kind) => void onAdd(blank(kind), block.id)} />
        <IconButton label={t`Earlier versions`} onPress={() => setHistory(true)}>
          <History size={18} />
        </IconButton>
        <IconButton label={t`Delete this block`} onPress={() => setRemoving(true)}>
          <Trash2 size={18} />
        </IconButton>
      </div>
      <Field
        label={kinds[content.kind]}
        hideLabel
        rows={content.kind === "agenda" ? 1 : 4}
        // The field grows with its text, where the browser can do that.
        className={cx(
          "[&_textarea]:[field-sizing:content]",
          content.kind !== "agenda" && "[&_textarea]:min-h-28",
        )}
        value={content.text}
        onChange={(text) => write({ text })}
        onBlur={saveNow}
        autoFocus={isNew}
        placeholder={t`Write here`}
      />
      {content.kind === "action" ? (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label={t`Responsible`}
            value={content.owner}
            onChange={(owner) => write({ owner })}
            onBlur={saveNow}
          />
          <Field
            label={t`Due on`}
            type="date"
            value={content.due}
            onChange={(due) => write({ due })}
            onBlur={saveNow}
          />
        </div>
      ) : null}
      {writing.phase === "conflict" ? (
        <Conflict mine={writing.mine} theirs={writing.theirs} settle={settle} />
      ) : null}
      {history ? <Versions minutes={minutes.id} block={block.id} onClose={() => setHistory(false)} /> : null}
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title={t`Delete this block?`}
        action={t`Delete`}
        danger
        onConfirm={remove}
      >
        {t`It disappears for everybody who writes these minutes.`}
      </Confirm>
    </li>
  );
}

/** Another block right below this one. */
function AddBelow({ onAdd }: { onAdd: (kind: Block["kind"]) => void }) {
  const { t } = useLingui();
  const kinds = useKinds();
  return (
    <Menu
      label={t`Add below`}
      trigger={
        <IconButton label={t`Add below`}>
          <ListPlus size={18} />
        </IconButton>
      }
      entries={blockKinds.map((kind) => ({ id: kind, label: kinds[kind], onAction: () => onAdd(kind) }))}
    />
  );
}

function SaveState({ writing }: { writing: Writing }) {
  const { t } = useLingui();
  const looks = "flex items-center gap-1.5 text-sm";
  switch (writing.phase) {
    case "saved":
      return (
        <span role="status" className={`${looks} text-ink-faint`}>
          <Check size={14} />
          {t`Saved · ${writing.base.updated_by_name}`}
        </span>
      );
    case "changed":
    case "saving":
      return (
        <span role="status" className={`${looks} text-ink-faint`}>
          <Spinner size={12} />
          {t`Saving…`}
        </span>
      );
    case "failed":
      return (
        <span role="alert" className={`${looks} text-warn`}>
          <CloudOff size={14} />
          {t`Not saved yet, trying again`}
        </span>
      );
    case "conflict":
      return <span role="alert" className={`${looks} text-danger`}>{t`Two versions`}</span>;
    default:
      return writing satisfies never;
  }
}

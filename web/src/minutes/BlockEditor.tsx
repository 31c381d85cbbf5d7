import { useLingui } from "@lingui/react/macro";
import { Check, CloudOff, History, Trash2 } from "lucide-react";
import { useState } from "react";
import { call, query } from "../api/client";
import type { Block, Minutes } from "../api/types";
import { queries } from "../app/queries";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { IconButton } from "../ui/IconButton";
import { Select } from "../ui/Select";
import { Spinner } from "../ui/Spinner";
import { toast } from "../ui/toast";
import { shown, type Writing } from "./blocks";
import { useKinds } from "./kinds";
import { useBlock } from "./useBlock";
import { Versions } from "./Versions";

interface Props {
  minutes: Minutes;
  block: Block;
  editable: boolean;
}

/** One block of the minutes. */
export function BlockEditor({ minutes, block, editable }: Props) {
  const kinds = useKinds();
  if (editable) return <Editable minutes={minutes} block={block} />;
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

function Editable({ minutes, block }: { minutes: Minutes; block: Block }) {
  const { t } = useLingui();
  const kinds = useKinds();
  const [history, setHistory] = useState(false);
  const [removing, setRemoving] = useState(false);
  const refresh = () => void queries.invalidateQueries({ queryKey: ["minutes", minutes.id] });
  const { writing, write, settle, saveNow } = useBlock(minutes.id, block);
  const content = shown(writing);
  const remove = async () => {
    try {
      const { revision } = writing.base;
      await call("DELETE", `/minutes/${minutes.id}/blocks/${block.id}${query({ revision })}`);
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
          className="w-40"
          value={content.kind}
          options={(["agenda", "discussion", "decision", "action"] as const).map((k) => ({
            value: k,
            label: kinds[k],
          }))}
          onChange={(kind) => write({ kind })}
        />
        <SaveState writing={writing} />
        <span className="flex-1" />
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
        value={content.text}
        onChange={(text) => write({ text })}
        onBlur={saveNow}
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
      {writing.phase === "conflict" ? <Conflict theirs={writing.theirs} settle={settle} /> : null}
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

interface ConflictProps {
  theirs: Block;
  settle: (choice: "mine" | "theirs" | "both") => void;
}

/** Both versions at once: whoever writes decides, nothing is lost unseen. */
function Conflict({ theirs, settle }: ConflictProps) {
  const { t } = useLingui();
  return (
    <div className="flex flex-col gap-3 rounded-xl bg-warn-soft p-4">
      <p className="font-medium">{t`${theirs.updated_by_name} has saved another version meanwhile:`}</p>
      <blockquote className="whitespace-pre-wrap rounded-lg bg-surface p-3">{theirs.text}</blockquote>
      <div className="flex flex-wrap gap-2">
        <Button small onPress={() => settle("theirs")}>{t`Take theirs`}</Button>
        <Button small onPress={() => settle("mine")}>{t`Keep mine`}</Button>
        <Button small onPress={() => settle("both")}>{t`Keep both`}</Button>
      </div>
    </div>
  );
}

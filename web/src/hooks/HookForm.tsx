import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Hook, HookDraft, HookKind } from "../api/types";
import { queries, roomsQuery } from "../app/queries";
import { currentLanguage } from "../i18n/language";
import { roomTitle } from "../rooms/titles";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Switch } from "../ui/Switch";
import { toast } from "../ui/toast";
import { hookNames, secretHints } from "./words";

const kinds: readonly HookKind[] = ["wecom", "dingtalk", "generic"];

function draftOf(hook: Hook | undefined): HookDraft {
  const draft: HookDraft = {
    name: hook?.name ?? "",
    kind: hook?.kind ?? "wecom",
    url: "",
    secret: "",
    with_text: hook?.with_text ?? false,
    enabled: hook?.enabled ?? true,
  };
  return hook?.room ? { ...draft, room: hook.room } : draft;
}

/** Makes a hook, or changes one. Its address and secret are not shown again; left empty, they stay. */
export function HookForm({ hook, onClose }: { hook: Hook | undefined; onClose: () => void }) {
  const { t } = useLingui();
  const [draft, setDraft] = useState(() => draftOf(hook));
  const [wrong, setWrong] = useState<readonly string[]>([]);
  const [pending, setPending] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setWrong([]);
    try {
      if (hook) await call("PUT", `/hooks/${hook.id}`, draft);
      else await call("POST", "/hooks", draft);
      await queries.invalidateQueries({ queryKey: ["hooks"] });
      onClose();
    } catch (error) {
      const fields = error instanceof Problem ? Object.keys(error.fields) : [];
      setWrong(fields);
      if (fields.length === 0) toast(t`The change was not saved. Try again.`, { tone: "danger" });
    } finally {
      setPending(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={hook ? t`Change hook` : t`New hook`}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Fields draft={draft} setDraft={setDraft} wrong={wrong} isNew={!hook} />
        <Button type="submit" look="primary" isPending={pending} className="self-end">{t`Save`}</Button>
      </form>
    </Dialog>
  );
}

interface FieldsProps {
  draft: HookDraft;
  setDraft: (draft: HookDraft) => void;
  /** The fields that the server refused. */
  wrong: readonly string[];
  isNew: boolean;
}

function Fields({ draft, setDraft, wrong, isNew }: FieldsProps) {
  const { t, i18n } = useLingui();
  const set = (part: Partial<HookDraft>) => setDraft({ ...draft, ...part });
  return (
    <>
      <Field
        label={t`Name of the hook`}
        value={draft.name}
        onChange={(name) => set({ name })}
        maxLength={100}
        isRequired
      />
      <Select
        label={t`Kind`}
        value={draft.kind}
        options={kinds.map((k) => ({ value: k, label: i18n._(hookNames[k]) }))}
        onChange={(kind) => set({ kind })}
      />
      <Field
        label={t`Address`}
        type="url"
        value={draft.url}
        onChange={(url) => set({ url })}
        placeholder="https://"
        hint={isNew ? undefined : t`Leave empty to keep it.`}
        error={wrong.includes("url") ? t`An address on the internet that begins with https://` : undefined}
        autoComplete="off"
        isRequired={isNew}
      />
      {draft.kind === "wecom" ? null : (
        <Field
          label={t`Secret`}
          type="password"
          value={draft.secret}
          onChange={(secret) => set({ secret })}
          hint={isNew ? i18n._(secretHints[draft.kind]) : t`Leave empty to keep it.`}
          error={wrong.includes("secret") ? i18n._(secretHints[draft.kind]) : undefined}
          autoComplete="new-password"
        />
      )}
      <Where draft={draft} setDraft={setDraft} />
      <Switch isSelected={draft.with_text} onChange={(with_text) => set({ with_text })}>
        {t`Send the words of messages, too`}
      </Switch>
      <Switch isSelected={draft.enabled} onChange={(enabled) => set({ enabled })}>
        {t`Switched on`}
      </Switch>
    </>
  );
}

function Where({ draft, setDraft }: Pick<FieldsProps, "draft" | "setDraft">) {
  const { t } = useLingui();
  const rooms = useQuery(roomsQuery);
  const language = currentLanguage();
  const known = (rooms.data ?? []).filter((r) => r.kind !== "direct");
  const options = [
    { value: "", label: t`All rooms but those of two` },
    ...known.map((r) => ({ value: r.id, label: roomTitle(r, language) })),
  ];
  if (draft.room && !known.some((r) => r.id === draft.room))
    options.push({ value: draft.room, label: t`One room` });
  return (
    <Select
      label={t`News of`}
      value={draft.room ?? ""}
      options={options}
      onChange={(room) => {
        const { room: _, ...rest } = draft;
        setDraft(room === "" ? rest : { ...rest, room });
      }}
    />
  );
}

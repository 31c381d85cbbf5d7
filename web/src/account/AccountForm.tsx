import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Account, AccountRole } from "../api/types";
import { queries, stationsQuery } from "../app/queries";
import { currentLanguage } from "../i18n/language";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { toast } from "../ui/toast";
import { roleNames } from "./roles";

interface Props {
  account: Account | undefined;
  onClose: () => void;
  onLink: (name: string, url: string) => void;
}

const roles: AccountRole[] = ["staff", "station", "ambassador", "admin"];

interface Form {
  name: string;
  user_name: string;
  email: string;
  role: AccountRole;
  station: string;
}

/** Makes an account or changes one. */
export function AccountForm({ account, onClose, onLink }: Props) {
  const { t } = useLingui();
  const [form, setForm] = useState<Form>({
    name: account?.name ?? "",
    user_name: account?.user_name ?? "",
    email: account?.email ?? "",
    role: account?.role ?? "staff",
    station: account?.station_id ?? "",
  });
  const [pending, setPending] = useState(false);
  const [fields, setFields] = useState<{ [name: string]: string }>({});
  const save = async () => {
    setPending(true);
    try {
      const link = await send(account, form);
      if (link !== undefined) onLink(form.name, link);
      await queries.invalidateQueries({ queryKey: ["accounts"] });
      onClose();
    } catch (error) {
      const found = error instanceof Problem ? error.fields : {};
      setFields(found);
      if (Object.keys(found).length === 0) toast(t`The change was not saved. Try again.`, { tone: "danger" });
    } finally {
      setPending(false);
    }
  };
  const footer = (
    <>
      <Button onPress={onClose}>{t`Cancel`}</Button>
      <Button look="primary" isPending={pending} onPress={save}>
        {t`Save`}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={account ? t`Change account` : t`New account`} footer={footer}>
      <Fields
        form={form}
        isNew={account === undefined}
        fields={fields}
        set={(part) => setForm((f) => ({ ...f, ...part }))}
      />
    </Dialog>
  );
}

/** Saves the form; a new account comes with the link for its owner. */
async function send(account: Account | undefined, form: Form): Promise<string | undefined> {
  const { name, user_name, email, role, station } = form;
  const body = { name, email, role, ...(role === "station" && { station_id: station }) };
  if (!account) return (await call<{ link: string }>("POST", "/accounts", { ...body, user_name })).link;
  await call("PATCH", `/accounts/${account.id}`, body);
  return undefined;
}

interface FieldsProps {
  form: Form;
  isNew: boolean;
  fields: { [name: string]: string };
  set: (part: Partial<Form>) => void;
}

function Fields({ form, isNew, fields, set }: FieldsProps) {
  const { t, i18n } = useLingui();
  const wrong = (field: string, words: string) => (field in fields ? words : undefined);
  return (
    <div className="flex flex-col gap-4">
      <Field
        label={t`Name`}
        value={form.name}
        onChange={(name) => set({ name })}
        error={wrong("name", t`Please enter a name.`)}
        isRequired
      />
      <Field
        label={t`User name`}
        value={form.user_name}
        onChange={(user_name) => set({ user_name })}
        isDisabled={!isNew}
        error={wrong("user_name", t`This user name cannot be used or is taken.`)}
        isRequired
      />
      <Field
        label={t`E-mail`}
        type="email"
        value={form.email}
        onChange={(email) => set({ email })}
        error={wrong("email", t`Please check the e-mail address.`)}
      />
      <Select
        label={t`Role`}
        value={form.role}
        options={roles.map((r) => ({ value: r, label: i18n._(roleNames[r]) }))}
        onChange={(role) => set({ role })}
      />
      {form.role === "station" ? <StationChoice form={form} set={set} /> : null}
    </div>
  );
}

function StationChoice({ form, set }: Pick<FieldsProps, "form" | "set">) {
  const { t } = useLingui();
  const stations = useQuery(stationsQuery);
  const en = currentLanguage() === "en";
  const options = (stations.data ?? []).map((s) => ({ value: s.id, label: en ? s.name_en : s.name }));
  return (
    <Select
      label={t`Station`}
      value={form.station}
      options={[{ value: "", label: t`Please choose` }, ...options]}
      onChange={(station) => set({ station })}
    />
  );
}

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

/** Makes an account or changes one. */
export function AccountForm({ account, onClose, onLink }: Props) {
  const { t, i18n } = useLingui();
  const stations = useQuery(stationsQuery);
  const [name, setName] = useState(account?.name ?? "");
  const [userName, setUserName] = useState(account?.user_name ?? "");
  const [email, setEmail] = useState(account?.email ?? "");
  const [role, setRole] = useState<AccountRole>(account?.role ?? "staff");
  const [station, setStation] = useState(account?.station_id ?? "");
  const [pending, setPending] = useState(false);
  const [fields, setFields] = useState<{ [name: string]: string }>({});
  const save = async () => {
    setPending(true);
    const body = { name, email, role, ...(role === "station" && { station_id: station }) };
    try {
      if (account) await call("PATCH", `/accounts/${account.id}`, body);
      else {
        const made = await call<{ link: string }>("POST", "/accounts", { ...body, user_name: userName });
        onLink(name, made.link);
      }
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
  const wrong = (field: string, words: string) => (field in fields ? words : undefined);
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
      <div className="flex flex-col gap-4">
        <Field
          label={t`Name`}
          value={name}
          onChange={setName}
          error={wrong("name", t`Please enter a name.`)}
          isRequired
        />
        <Field
          label={t`User name`}
          value={userName}
          onChange={setUserName}
          isDisabled={account !== undefined}
          error={wrong("user_name", t`This user name cannot be used or is taken.`)}
          isRequired
        />
        <Field
          label={t`E-mail`}
          type="email"
          value={email}
          onChange={setEmail}
          error={wrong("email", t`Please check the e-mail address.`)}
        />
        <Select
          label={t`Role`}
          value={role}
          options={roles.map((r) => ({ value: r, label: i18n._(roleNames[r]) }))}
          onChange={setRole}
        />
        {role === "station" ? (
          <Select
            label={t`Station`}
            value={station}
            options={[
              { value: "", label: t`Please choose` },
              ...(stations.data ?? []).map((s) => ({
                value: s.id,
                label: currentLanguage() === "en" ? s.name_en : s.name,
              })),
            ]}
            onChange={setStation}
          />
        ) : null}
      </div>
    </Dialog>
  );
}

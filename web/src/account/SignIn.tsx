import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Account } from "../api/types";
import { queries, serverQuery } from "../app/queries";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Entrance } from "./Entrance";
import { Forgotten } from "./Forgotten";
import { roleNames } from "./roles";
import { useAttemptWords } from "./useAttemptWords";

/** Signs in with user name or e-mail and password. */
export function SignIn() {
  const { t } = useLingui();
  const { to } = useSearch({ from: "/signin" });
  const navigate = useNavigate();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      const body = { login: login.trim(), password };
      const account = await call<Account>("POST", "/session", body);
      queries.clear();
      queries.setQueryData(["account"], account);
      await navigate({ href: to?.startsWith("/") && !to.startsWith("//") ? to : "/", replace: true });
    } catch (problem) {
      setPending(false);
      setError(words(problem));
    }
  };
  const attemptWords = useAttemptWords();
  const words = (problem: unknown): string => {
    if (!(problem instanceof Problem)) return t`The server cannot be reached. Please check your connection.`;
    const notTried = attemptWords(problem);
    if (notTried) return notTried;
    if (problem.status < 500) return t`User name or password is wrong.`;
    return t`That did not work. Please try again.`;
  };
  return (
    <Entrance title={t`Sign in`}>
      <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        <Field
          label={t`User name or e-mail`}
          value={login}
          onChange={setLogin}
          autoComplete="username"
          isRequired
        />
        <Field
          label={t`Password`}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          isRequired
        />
        {error ? (
          <p role="alert" className="rounded-xl bg-danger-soft px-4 py-3">
            {error}
          </p>
        ) : null}
        <Button type="submit" look="primary" wide isPending={pending}>
          {t`Sign in`}
        </Button>
        <Forgotten typed={login} />
      </form>
      <DemoAccounts
        onChoose={(user, word) => {
          setLogin(user);
          setPassword(word);
        }}
      />
    </Entrance>
  );
}

function DemoAccounts({ onChoose }: { onChoose: (userName: string, password: string) => void }) {
  const { t, i18n } = useLingui();
  const server = useQuery(serverQuery);
  const accounts = server.data?.demo_accounts ?? [];
  if (accounts.length === 0) return null;
  return (
    <section className="rounded-2xl border border-line bg-surface p-4">
      <h2 className="flex items-center gap-2 pb-2 font-medium text-sm">
        <Badge tone="warn">{t`Demo data`}</Badge>
        {t`Look around as:`}
      </h2>
      <ul className="flex flex-col">
        {accounts.map((a) => (
          <li key={a.user_name}>
            <Button look="plain" wide onPress={() => onChoose(a.user_name, a.password)}>
              <span className="flex flex-1 items-center justify-between gap-4">
                <span>{a.name}</span>
                <span className="font-normal text-ink-faint text-sm">{i18n._(roleNames[a.role])}</span>
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

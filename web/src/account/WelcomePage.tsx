import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Link2Off } from "lucide-react";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import { isFinal, Problem } from "../api/problem";
import type { Account, AccountInvitation } from "../api/types";
import { queries } from "../app/queries";
import { currentLanguage } from "../i18n/language";
import { ownZone } from "../time/zones";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Empty, Failed, Loading } from "../ui/states";
import { Entrance } from "./Entrance";

/** Where the link of a new account leads: name and password, and in. */
export function WelcomePage() {
  const { t } = useLingui();
  const [token] = useState(() => location.hash.slice(1));
  const look = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => call<AccountInvitation>("POST", "/invitation/look", { token }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (look.isPending) return <Loading />;
  if (look.isError) {
    const gone = isFinal(look.error);
    return (
      <Entrance title={t`Welcome`}>
        {gone ? (
          <Empty icon={<Link2Off size={32} />} title={t`This link is not valid`}>
            <p>{t`It may have been used already or have expired. An administrator can give you a new one.`}</p>
          </Empty>
        ) : (
          <Failed text={t`The server cannot be reached at the moment.`} onRetry={() => void look.refetch()} />
        )}
      </Entrance>
    );
  }
  return <NewAccount token={token} look={look.data} />;
}

function NewAccount({ token, look }: { token: string; look: AccountInvitation }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const first = look.kind === "first_administrator";
  const [form, setForm] = useState({
    name: look.name,
    user_name: look.user_name,
    email: look.email,
    password: "",
  });
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const set = (field: keyof typeof form) => (value: string) => setForm((f) => ({ ...f, [field]: value }));
  const wrong = (field: string, words: string) => (problem && field in problem.fields ? words : undefined);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setProblem(undefined);
    try {
      const body = { token, ...form, language: currentLanguage(), time_zone: ownZone() };
      const account = await call<Account>("POST", "/invitation", body);
      queries.clear();
      queries.setQueryData(["account"], account);
      await navigate({ to: "/", replace: true });
    } catch (error) {
      setPending(false);
      setProblem(error instanceof Problem ? error : new Problem(0, {}));
    }
  };
  return (
    <Entrance title={first ? t`Set up Yunqiao` : t`Welcome`}>
      <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        {first ? (
          <p className="text-ink-soft">{t`You are the first administrator. You can add everybody else afterwards.`}</p>
        ) : null}
        <Field
          label={t`Name`}
          value={form.name}
          onChange={set("name")}
          error={wrong("name", t`Please enter a name.`)}
          isRequired
        />
        <Field
          label={t`User name`}
          value={form.user_name}
          onChange={set("user_name")}
          error={wrong("user_name", t`This user name cannot be used or is taken.`)}
          autoComplete="username"
          isRequired
        />
        <Field
          label={t`E-mail`}
          type="email"
          value={form.email}
          onChange={set("email")}
          error={wrong("email", t`Please check the e-mail address.`)}
        />
        <Field
          label={t`Password`}
          type="password"
          value={form.password}
          onChange={set("password")}
          error={wrong("password", t`Please choose a longer password that is not easy to guess.`)}
          hint={t`At least 10 characters.`}
          autoComplete="new-password"
          isRequired
        />
        {problem && Object.keys(problem.fields).length === 0 ? (
          <p role="alert" className="rounded-xl bg-danger-soft px-4 py-3">
            {t`That did not work. Please try again.`}
          </p>
        ) : null}
        <Button type="submit" look="primary" wide isPending={pending}>
          {t`Begin`}
        </Button>
      </form>
    </Entrance>
  );
}

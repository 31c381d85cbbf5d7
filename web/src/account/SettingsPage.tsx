import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Archive, ChevronRight, LogOut, UserCog, Webhook } from "lucide-react";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Account } from "../api/types";
import { queries, sessionsQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { usePageTitle } from "../app/title";
import { chooseLanguage, currentLanguage, languageNames, languages } from "../i18n/language";
import { NoticeSettings } from "../notices/NoticeSettings";
import { chooseTheme, keptTheme, type Theme } from "../prefs/theme";
import { emptyDrawers } from "../rooms/drawer";
import { forgetRecents } from "../search/recent";
import { moment, zoneName } from "../time/format";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { deviceName } from "./device";
import { roleNames } from "./roles";
import { useAttemptWords } from "./useAttemptWords";
import { zoneOptions } from "./zones";

/** One's own account: language, clock, appearance, password, and where one is signed in. */
export function SettingsPage() {
  const { t, i18n } = useLingui();
  usePageTitle(t`Settings`);
  const { account } = useSession();
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-8 px-4 py-6 md:px-8 md:py-10">
      <header>
        <h1 className="font-semibold text-2xl">{t`Settings`}</h1>
        <p className="pt-1 text-ink-soft">
          {account.name} · {i18n._(roleNames[account.role])}
        </p>
      </header>
      <Appearance />
      <Card title={t`Notifications`}>
        <NoticeSettings />
      </Card>
      {account.role === "admin" ? <Administration /> : null}
      <Password />
      <Sessions />
    </div>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 rounded-2xl border border-line bg-surface p-5 md:p-6">
      <h2 className="font-semibold text-lg">{title}</h2>
      {children}
    </section>
  );
}

/** What administrators look after; on phones only from here. */
function Administration() {
  const { t } = useLingui();
  const places = [
    { to: "/accounts" as const, label: t`Accounts`, icon: <UserCog size={20} /> },
    { to: "/hooks" as const, label: t`Outgoing hooks`, icon: <Webhook size={20} /> },
    { to: "/records" as const, label: t`Data`, icon: <Archive size={20} /> },
  ];
  return (
    <Card title={t`Administration`}>
      <ul className="flex flex-col divide-y divide-line">
        {places.map(({ to, label, icon }) => (
          <li key={to}>
            <Link to={to} className="-mx-2 flex min-h-12 items-center gap-3 rounded-xl px-2 hover:bg-sunken">
              <span className="text-accent">{icon}</span>
              <span className="flex-1">{label}</span>
              <ChevronRight size={18} className="text-ink-faint" />
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Appearance() {
  const { t } = useLingui();
  const { account } = useSession();
  const [theme, setTheme] = useState<Theme>(keptTheme);
  const language = currentLanguage();
  const zones = useMemo(() => zoneOptions(account.time_zone, language), [account.time_zone, language]);
  const change = async (part: Partial<Pick<Account, "language" | "time_zone">>) => {
    try {
      const changed = await call<Account>("PATCH", "/account", part);
      queries.setQueryData(["account"], changed);
      if (part.language) await chooseLanguage(part.language);
    } catch {
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
    }
  };
  return (
    <Card title={t`Language, time and appearance`}>
      <Select
        label={t`Language`}
        value={account.language}
        options={languages.map((l) => ({ value: l, label: languageNames[l] }))}
        onChange={(l) => void change({ language: l })}
      />
      <Select
        label={t`Time zone`}
        value={account.time_zone}
        options={zones}
        onChange={(z) => void change({ time_zone: z })}
      />
      <Select
        label={t`Appearance`}
        value={theme}
        options={[
          { value: "system", label: t`Match system` },
          { value: "light", label: t`Light` },
          { value: "dark", label: t`Dark` },
        ]}
        onChange={(chosen) => {
          setTheme(chosen);
          chooseTheme(chosen);
        }}
      />
    </Card>
  );
}

function Password() {
  const { t } = useLingui();
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setProblem(undefined);
    try {
      await call("PUT", "/account/password", { current, new: wanted });
      setCurrent("");
      setWanted("");
      toast(t`Your password has been changed.`);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, {}));
    } finally {
      setPending(false);
    }
  };
  const attemptWords = useAttemptWords();
  const notTried = attemptWords(problem);
  const currentWrong =
    problem !== undefined && (problem.code === "bad_credentials" || "current" in problem.fields);
  return (
    <Card title={t`Password`}>
      <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        <Field
          label={t`Present password`}
          type="password"
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          error={notTried ?? (currentWrong ? t`This is not your present password.` : undefined)}
          isRequired
        />
        <Field
          label={t`New password`}
          type="password"
          value={wanted}
          onChange={setWanted}
          autoComplete="new-password"
          hint={t`At least 10 characters.`}
          error={
            problem && !currentWrong && !notTried
              ? t`Please choose a longer password that is not easy to guess.`
              : undefined
          }
          isRequired
        />
        <Button type="submit" className="self-start" isPending={pending}>
          {t`Change password`}
        </Button>
      </form>
    </Card>
  );
}

function Sessions() {
  const { t } = useLingui();
  const zone = useZone();
  const navigate = useNavigate();
  const sessions = useQuery(sessionsQuery);
  const language = currentLanguage();
  const revoke = async (id: string) => {
    try {
      await call("DELETE", `/sessions/${id}`);
      await queries.invalidateQueries({ queryKey: ["sessions"] });
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
    }
  };
  const signOut = async () => {
    try {
      await call("DELETE", "/session");
    } finally {
      emptyDrawers(localStorage);
      forgetRecents(localStorage);
      queries.clear();
      await navigate({ to: "/signin", search: {}, replace: true });
    }
  };
  return (
    <Card title={t`Where you are signed in`}>
      {sessions.isPending ? <Loading /> : null}
      {sessions.isError ? (
        <Failed text={t`The list could not be loaded.`} onRetry={() => void sessions.refetch()} />
      ) : null}
      <ul className="flex flex-col divide-y divide-line">
        {sessions.data?.map((s) => (
          <li key={s.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <span className="truncate" title={s.device}>
                  {deviceName(s.device) || t`Unknown device`}
                </span>
                {s.current ? <Badge tone="good">{t`This device`}</Badge> : null}
              </p>
              <p className="text-ink-faint text-sm">
                {s.address} ·{" "}
                {t`last seen ${moment(new Date(s.seen_at), zone, language)} ${zoneName(zone, language)}`}
              </p>
            </div>
            {s.current ? null : (
              <Button small onPress={() => void revoke(s.id)}>
                {t`Sign out there`}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Button className="self-start" onPress={() => void signOut()}>
        <LogOut size={18} />
        {t`Sign out`}
      </Button>
    </Card>
  );
}

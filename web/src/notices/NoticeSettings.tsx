import { useLingui } from "@lingui/react/macro";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { deviceName } from "../account/device";
import { call } from "../api/client";
import type { PushBrowsers, NoticeSettings as Settings } from "../api/types";
import { queries, serverQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { zoneName } from "../time/format";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Select } from "../ui/Select";
import { Switch } from "../ui/Switch";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { pushState, startPush, stopPush } from "./push";

const settingsQuery = queryOptions({
  queryKey: ["notice-settings"],
  queryFn: ({ signal }) => call<Settings>("GET", "/notices/settings", undefined, signal),
});

const browsersQuery = queryOptions({
  queryKey: ["push"],
  queryFn: ({ signal }) => call<PushBrowsers>("GET", "/notices/push", undefined, signal),
});

/** How one wants to be told of things: by this browser, by mail, and when not. */
export function NoticeSettings() {
  const { t } = useLingui();
  const settings = useQuery(settingsQuery);
  const browsers = useQuery(browsersQuery);
  const retry = () => {
    void settings.refetch();
    void browsers.refetch();
  };
  if (settings.isError || browsers.isError) {
    return <Failed text={t`The settings could not be loaded.`} onRetry={retry} />;
  }
  if (settings.isPending || browsers.isPending) return <Loading />;
  return (
    <div className="flex flex-col gap-6">
      <Push browsers={browsers.data} />
      <Mail settings={settings.data} />
      <Quiet settings={settings.data} />
    </div>
  );
}

function useChange(): (settings: Settings) => Promise<void> {
  const { t } = useLingui();
  return async (settings) => {
    const before = queries.getQueryData(settingsQuery.queryKey);
    queries.setQueryData(settingsQuery.queryKey, settings);
    try {
      await call("PUT", "/notices/settings", settings);
    } catch {
      queries.setQueryData(settingsQuery.queryKey, before);
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
    }
  };
}

function Push({ browsers }: { browsers: PushBrowsers }) {
  const { t } = useLingui();
  const state = useQuery({ queryKey: ["push", "here"], queryFn: pushState, staleTime: 0 });
  const [pending, setPending] = useState(false);
  const on = state.data === "on" && browsers.subscriptions.some((s) => s.current);
  const change = async (want: boolean) => {
    setPending(true);
    try {
      const failure = want ? await startPush(browsers.public_key) : void (await stopPush(browsers));
      if (failure === "denied") toast(t`This browser does not allow notifications here.`, { tone: "danger" });
      if (failure === "unreachable") {
        toast(t`This browser's push service cannot be reached.`, { tone: "danger" });
      }
    } catch {
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
    } finally {
      await queries.invalidateQueries({ queryKey: ["push"] });
      setPending(false);
    }
  };
  return (
    <div className="flex flex-col gap-2">
      <Switch
        isSelected={on}
        isDisabled={pending || state.data === "unsupported" || state.data === "denied"}
        onChange={(want) => void change(want)}
      >
        {t`Notify me in this browser, also when the page is closed`}
      </Switch>
      {state.data === "unsupported" ? (
        <p className="text-ink-soft text-sm">{t`This browser cannot do that.`}</p>
      ) : null}
      {state.data === "denied" ? (
        <p className="text-warn text-sm">{t`Notifications are blocked for this site. You can allow them in the browser's own settings.`}</p>
      ) : null}
      <p className="text-ink-faint text-sm">
        {t`In mainland China, Chrome's push service cannot be reached: Chrome and most Android browsers get nothing there while the page is closed. E-mail and the group robots go on. Firefox and Safari usually work.`}
      </p>
      <Browsers browsers={browsers} />
    </div>
  );
}

/** The other browsers that are pushed to. */
function Browsers({ browsers }: { browsers: PushBrowsers }) {
  const { t } = useLingui();
  const remove = async (id: string) => {
    try {
      await call("DELETE", `/notices/push/${id}`);
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
    }
    await queries.invalidateQueries({ queryKey: ["push"] });
  };
  if (browsers.subscriptions.length === 0) return null;
  return (
    <ul aria-label={t`Browsers that are notified`} className="flex flex-col divide-y divide-line">
      {browsers.subscriptions.map((s) => (
        <li key={s.id} className="flex min-h-12 items-center gap-3">
          <span className="min-w-0 flex-1 truncate" title={s.device}>
            {deviceName(s.device) || t`Unknown device`}
          </span>
          {s.current ? (
            <Badge tone="good">{t`This device`}</Badge>
          ) : (
            <Button small onPress={() => void remove(s.id)}>{t`Stop notifying`}</Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Mail({ settings }: { settings: Settings }) {
  const { t } = useLingui();
  const { account } = useSession();
  const server = useQuery(serverQuery);
  const change = useChange();
  const possible = account.email !== "" && server.data?.mail === true;
  return (
    <div className="flex flex-col gap-2">
      <Switch
        isSelected={settings.mail && possible}
        isDisabled={!possible}
        onChange={(mail) => void change({ ...settings, mail })}
      >
        {t`Send me an e-mail about what I have not seen`}
      </Switch>
      <p className="text-ink-faint text-sm">
        {server.data?.mail === false
          ? t`E-mail is not set up on this hub.`
          : account.email === ""
            ? t`Your account has no e-mail address.`
            : t`At most once an hour, to ${account.email}.`}
      </p>
      <Switch
        isSelected={settings.with_text}
        onChange={(with_text) => void change({ ...settings, with_text })}
      >
        {t`Show names and words of messages in them`}
      </Switch>
      <p className="text-ink-faint text-sm">
        {t`Otherwise they only say that there is something new: they may be seen on a locked screen, or by mail servers.`}
      </p>
    </div>
  );
}

function Quiet({ settings }: { settings: Settings }) {
  const { t } = useLingui();
  const zone = useZone();
  const change = useChange();
  return (
    <div className="flex flex-col gap-2">
      <Switch isSelected={settings.quiet} onChange={(quiet) => void change({ ...settings, quiet })}>
        {t`Quiet hours`}
      </Switch>
      {settings.quiet ? (
        <div className="flex flex-wrap items-end gap-3">
          <TimeOfDay
            label={t`From`}
            value={settings.quiet_from}
            onChange={(m) => void change({ ...settings, quiet_from: m })}
          />
          <TimeOfDay
            label={t`Until`}
            value={settings.quiet_to}
            onChange={(m) => void change({ ...settings, quiet_to: m })}
          />
          <p className="pb-2.5 text-ink-faint text-sm">{zoneName(zone, currentLanguage())}</p>
        </div>
      ) : null}
      <p className="text-ink-faint text-sm">
        {t`Nothing is pushed or mailed then, but for what is urgent. Calls ring as long as the page is open.`}
      </p>
    </div>
  );
}

/** A time of day by the half hour, on the clock of twenty-four. */
function TimeOfDay({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number;
  onChange: (minutes: number) => void;
}) {
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = [...new Set([...Array.from({ length: 48 }, (_, i) => i * 30), value])].sort(
    (a, b) => a - b,
  );
  return (
    <Select
      label={label}
      value={String(value)}
      options={minutes.map((m) => ({
        value: String(m),
        label: `${two(Math.floor(m / 60))}:${two(m % 60)}`,
      }))}
      onChange={(m) => onChange(Number(m))}
      className="tabular w-32"
    />
  );
}

import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import type { Retention } from "../api/types";
import { queries } from "../app/queries";
import { Confirm } from "../ui/Dialog";
import { Select } from "../ui/Select";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { retentionQuery } from "./queries";

const kinds: { [K in Retention["kind"]]: MessageDescriptor } = {
  station: msg`Station chats`,
  group: msg`Groups`,
  direct: msg`Chats of two`,
  meeting: msg`Meeting chats`,
};

/** What can be chosen, in days; 0 is for ever. */
const terms: { [days: number]: MessageDescriptor } = {
  0: msg`For ever`,
  90: msg`90 days`,
  180: msg`180 days`,
  365: msg`1 year`,
  1095: msg`3 years`,
  1825: msg`5 years`,
  3650: msg`10 years`,
};

/** A rule for each kind of room. A shorter one asks first: what it removes does not come back. */
export function RetentionRules() {
  const { t, i18n } = useLingui();
  const rules = useQuery(retentionQuery);
  const [asking, setAsking] = useState<Retention>();
  const set = async ({ kind, days }: Retention) => {
    try {
      queries.setQueryData(
        retentionQuery.queryKey,
        await call<Retention[]>("PUT", `/retention/${kind}`, { days }),
      );
    } catch {
      toast(t`The change was not saved. Try again.`, { tone: "danger" });
    }
  };
  if (rules.isPending) return <Loading />;
  if (rules.isError) {
    return <Failed text={t`The list could not be loaded.`} onRetry={() => void rules.refetch()} />;
  }
  const options = (now: number) =>
    [...new Set([...Object.keys(terms).map(Number), now])]
      .sort((a, b) => (a || Number.POSITIVE_INFINITY) - (b || Number.POSITIVE_INFINITY))
      .map((days) => ({ value: String(days), label: terms[days] ? i18n._(terms[days]) : t`${days} days` }));
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        {rules.data.map(({ kind, days }) => (
          <Select
            key={kind}
            label={i18n._(kinds[kind])}
            value={String(days)}
            options={options(days)}
            onChange={(chosen) => {
              const rule = { kind, days: Number(chosen) };
              const shorter = rule.days > 0 && (days === 0 || rule.days < days);
              if (shorter) setAsking(rule);
              else void set(rule);
            }}
          />
        ))}
      </div>
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={t`Remove what is older?`}
        action={t`Remove`}
        danger
        onConfirm={() => {
          if (asking) void set(asking);
        }}
      >
        {t`Older messages of this kind of chat are removed within minutes, for everybody and for good.`}
      </Confirm>
    </>
  );
}

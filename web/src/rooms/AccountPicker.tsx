import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { useState } from "react";
import { useApart } from "../account/apart";
import { roleNames } from "../account/roles";
import type { Account } from "../api/types";
import { accountsQuery } from "../app/queries";
import { useSession } from "../app/session";
import { Avatar } from "../ui/Avatar";
import { cx } from "../ui/cx";
import { Field } from "../ui/Field";
import { Failed, Loading } from "../ui/states";
import { useFound } from "./useFound";

interface Props {
  chosen: readonly string[];
  onToggle: (id: string) => void;
  /** Who is there already, and is not offered. */
  without?: ReadonlySet<string>;
}

/** Chooses accounts: by name, pinyin or initials. */
export function AccountPicker({ chosen, onToggle, without }: Props) {
  const { t, i18n } = useLingui();
  const { account } = useSession();
  const accounts = useQuery(accountsQuery);
  const [filter, setFilter] = useState("");
  const { found, field } = useFound(filter);
  const details = useApart(accounts.data ?? []);
  if (accounts.isPending) return <Loading />;
  if (accounts.isError)
    return <Failed text={t`The list could not be loaded.`} onRetry={() => void accounts.refetch()} />;
  const wanted = filter.trim().toLowerCase();
  const matches = (a: Account) =>
    a.id !== account.id &&
    !a.disabled &&
    !without?.has(a.id) &&
    (`${a.name} ${a.user_name}`.toLowerCase().includes(wanted) || found.has(a.id));
  return (
    <>
      <Field
        label={t`Search people`}
        hideLabel
        placeholder={t`Search people`}
        value={filter}
        onChange={setFilter}
        {...field}
      />
      <ul className="flex max-h-80 flex-col overflow-y-auto" aria-label={t`People`}>
        {accounts.data.filter(matches).map((a) => {
          const isChosen = chosen.includes(a.id);
          return (
            <li key={a.id}>
              <button
                type="button"
                aria-pressed={isChosen}
                onClick={() => onToggle(a.id)}
                className={cx(
                  "flex min-h-12 w-full items-center gap-3 rounded-xl px-2 text-left",
                  isChosen ? "bg-accent-soft" : "hover:bg-sunken",
                )}
              >
                <Avatar name={a.name} size={32} />
                <span className="min-w-0 flex-1 truncate">{a.name}</span>
                <span className="text-ink-faint text-sm">
                  {details.get(a.id) ?? i18n._(roleNames[a.role])}
                </span>
                <Check size={18} className={cx("text-accent", !isChosen && "invisible")} />
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { roleNames } from "../account/roles";
import { call, query } from "../api/client";
import type { Account, GuestFound } from "../api/types";
import { accountsQuery } from "../app/queries";
import { useSession, useZone } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { useFound } from "../rooms/useFound";
import { moment } from "../time/format";
import { Avatar } from "../ui/Avatar";
import { Badge } from "../ui/Badge";
import { Field } from "../ui/Field";
import { useRested } from "../ui/useRested";

/** Somebody whose data can be erased. */
export interface Erasable {
  kind: "account" | "guest";
  id: string;
  name: string;
  /** What tells them from others of their name. */
  detail: string;
  /** What is typed to confirm. */
  typed: string;
}

/** Finds accounts and guests by name or address. */
export function PersonSearch({ onChoose }: { onChoose: (person: Erasable) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const { wanted, field, people, isPending, isError } = usePeople(text);
  return (
    <div className="flex flex-col gap-3">
      <Field
        label={t`Whose`}
        hint={t`Accounts, and guests of meetings; by name or address`}
        value={text}
        onChange={setText}
        {...field}
        autoComplete="off"
        maxLength={200}
      />
      {wanted === "" ? null : (
        <ul
          aria-label={t`Found`}
          className="max-h-72 overflow-y-auto rounded-xl border border-line bg-surface p-1.5"
        >
          {people.map((p) => (
            <li key={p.id}>
              <button
                type="button"
                onClick={() => onChoose(p)}
                className="flex w-full rounded-lg text-left hover:bg-sunken"
              >
                <PersonRow person={p} />
              </button>
            </li>
          ))}
          {people.length === 0 && !isPending && !isError ? (
            <li className="px-3 py-2 text-ink-faint">{t`Nobody found`}</li>
          ) : null}
          {isError ? <li className="px-3 py-2 text-danger">{t`The search did not work.`}</li> : null}
        </ul>
      )}
    </div>
  );
}

export function PersonRow({ person }: { person: Erasable }) {
  const { t } = useLingui();
  return (
    <span className="flex min-h-12 w-full min-w-0 items-center gap-3 px-2 py-1">
      <Avatar name={person.name} size={32} />
      <span className="min-w-0 flex-1">
        <span className="block truncate">{person.name}</span>
        <span className="block break-words text-ink-faint text-sm">{person.detail}</span>
      </span>
      <Badge>{person.kind === "guest" ? t`Guest` : t`Account`}</Badge>
    </span>
  );
}

function usePeople(text: string) {
  const { i18n } = useLingui();
  const { account: me } = useSession();
  const { text: wanted, field } = useRested(text);
  const { found } = useFound(wanted);
  const accounts = useQuery(accountsQuery);
  const guests = useQuery({
    queryKey: ["guests to erase", wanted],
    queryFn: ({ signal }) =>
      call<GuestFound[]>("GET", `/erasures/guests${query({ q: wanted })}`, undefined, signal),
    enabled: wanted !== "",
  });
  const guestDetail = useGuestDetail();
  const matches = (a: Account) =>
    a.id !== me.id &&
    (`${a.name}\n${a.user_name}\n${a.email}`.toLowerCase().includes(wanted.toLowerCase()) || found.has(a.id));
  const people: Erasable[] = [
    ...(accounts.data ?? []).filter(matches).map((a) => ({
      kind: "account" as const,
      id: a.id,
      name: a.name,
      detail: `${i18n._(roleNames[a.role])} · ${a.user_name}`,
      typed: a.user_name,
    })),
    ...(guests.data ?? []).map((g) => ({
      kind: "guest" as const,
      id: g.id,
      name: g.name,
      detail: guestDetail(g),
      typed: g.name,
    })),
  ];
  return {
    wanted,
    field,
    people: wanted === "" ? [] : people,
    isPending: accounts.isPending || guests.isPending,
    isError: accounts.isError || guests.isError,
  };
}

/** Says of a guest the address, where they come from, and to what they were invited. */
function useGuestDetail(): (guest: GuestFound) => string {
  const { t } = useLingui();
  const zone = useZone();
  return (g) => {
    const times = plural(g.meetings, { one: "# meeting", other: "# meetings" });
    const last = t`last ${moment(new Date(g.last_at), zone, currentLanguage())}`;
    return [g.email, g.unit, g.title, times, last].filter((word) => word !== "").join(" · ");
  };
}

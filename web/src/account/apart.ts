import type { I18n } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { Account, Station } from "../api/types";
import { accountsQuery, queries, stationsQuery } from "../app/queries";
import { roleNames } from "./roles";

/** Somebody in a list. */
export interface Named {
  id: string;
  name: string;
  kind?: string;
}

/**
 * What tells those of one name apart: as much of what is known of each, the plainest first, as makes every one of them
 * another. Who is alone with a name is not in it.
 */
export function apart<P extends Named>(
  people: readonly P[],
  known: (person: P) => readonly string[],
): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const person of people) {
    const alike = people.filter((p) => p.id !== person.id && p.name.trim() === person.name.trim());
    if (alike.length === 0) continue;
    const others = alike.map(known);
    const own = known(person);
    const same = (n: number) => others.some((o) => own.slice(0, n).every((word, i) => o[i] === word));
    let n = 1;
    while (n < own.length && same(n)) n += 1;
    words.set(person.id, own.slice(0, n).join(" · "));
  }
  return words;
}

/** What is known of an account that tells it from others: its station or what it is, then the name it signs in with. */
export function knownOf(account: Account, stations: readonly Station[], i18n: I18n): string[] {
  const station = stations.find((s) => s.id === account.station_id);
  const of = station && (i18n.locale === "en" ? station.name_en || station.name : station.name);
  return [of ?? i18n._(roleNames[account.role]), account.user_name];
}

/** Words that tell those of a list apart who have one name. Who does not know the house learns who is a guest. */
export function useApart(people: readonly Named[], knowsHouse = true): ReadonlyMap<string, string> {
  const { t, i18n } = useLingui();
  const some = new Set(people.map((p) => p.name.trim())).size < people.length;
  const enabled = some && knowsHouse;
  // Named, since a guest's page has no client of its own around it.
  const accounts = useQuery({ ...accountsQuery, enabled }, queries);
  const stations = useQuery({ ...stationsQuery, enabled }, queries);
  return apart(people, (person) => {
    const account = enabled ? accounts.data?.find((a) => a.id === person.id) : undefined;
    if (account) return knownOf(account, stations.data ?? [], i18n);
    return person.kind === "guest" ? [t`Guest`] : [];
  });
}

import { useQuery } from "@tanstack/react-query";
import { call, query } from "../api/client";
import type { Found } from "../api/types";
import { queries } from "../app/queries";
import { useRested } from "../ui/useRested";

/** The accounts that the server finds, which knows pinyin. */
export function useFound(filter: string) {
  const { text: wanted, field } = useRested(filter);
  // Named, since a guest's page has no client of its own around it.
  const { data } = useQuery(
    {
      queryKey: ["people", wanted],
      queryFn: ({ signal }) => call<Found[]>("GET", `/people${query({ q: wanted })}`, undefined, signal),
      enabled: wanted !== "",
    },
    queries,
  );
  const accounts = wanted === "" ? [] : (data ?? []).filter((f) => f.kind === "account");
  return { found: new Set(accounts.map((f) => f.id)), field };
}

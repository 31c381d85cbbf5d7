import { queryOptions } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Erasure, Retention } from "../api/types";
import { queries } from "../app/queries";

export const retentionQuery = queryOptions({
  queryKey: ["retention"],
  queryFn: ({ signal }) => call<Retention[]>("GET", "/retention", undefined, signal),
});

export const erasuresQuery = queryOptions({
  queryKey: ["erasures"],
  queryFn: ({ signal }) => call<Erasure[]>("GET", "/erasures", undefined, signal),
});

/** Erases somebody's data; asking again finishes what was interrupted. */
export async function erase(who: Pick<Erasure, "person_kind" | "person_id" | "reason">): Promise<Erasure> {
  const { person_kind, person_id, reason } = who;
  try {
    return await call<Erasure>("POST", "/erasures", { person_kind, person_id, reason });
  } finally {
    for (const changed of ["erasures", "accounts", "guests to erase"])
      await queries.invalidateQueries({ queryKey: [changed] });
  }
}

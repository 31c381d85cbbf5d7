import { queryOptions } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Erasure, Retention } from "../api/types";

export const retentionQuery = queryOptions({
  queryKey: ["retention"],
  queryFn: ({ signal }) => call<Retention[]>("GET", "/retention", undefined, signal),
});

export const erasuresQuery = queryOptions({
  queryKey: ["erasures"],
  queryFn: ({ signal }) => call<Erasure[]>("GET", "/erasures", undefined, signal),
});

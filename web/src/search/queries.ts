import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, query } from "../api/client";
import type { FoundGroup, FoundKind } from "../api/types";
import { fromTime, type SearchFilter } from "./filter";

interface Answer {
  groups: FoundGroup[];
}

/** What is found of everything, for the palette. */
export const paletteQuery = (text: string) =>
  queryOptions({
    queryKey: ["search", "palette", text],
    queryFn: ({ signal }) => call<Answer>("GET", `/search${query({ q: text, limit: 6 })}`, undefined, signal),
    enabled: text !== "",
    staleTime: 10_000,
    placeholderData: (before) => before,
  });

/** What is found with filters: everything, or page by page of one kind. */
export const searchQuery = (filter: SearchFilter, now: Date) =>
  infiniteQueryOptions({
    queryKey: ["search", "page", filter],
    queryFn: ({ signal, pageParam }) =>
      call<Answer>(
        "GET",
        `/search${query({
          q: filter.q,
          in: filter.in,
          room: filter.room,
          by: filter.by,
          from: fromTime(filter.when, now)?.toISOString(),
          has_file: filter.files ? "true" : undefined,
          cursor: pageParam,
          limit: filter.in ? 20 : 5,
        })}`,
        undefined,
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (last) => (filter.in ? last.groups[0]?.next_cursor : undefined),
    enabled: asks(filter),
    staleTime: 10_000,
  });

/** Whether a filter asks for anything. */
export function asks({ q, room, by, when, files }: SearchFilter): boolean {
  return Boolean(q || room || by || when || files);
}

/** The groups of all pages, one of each kind. */
export function joined(pages: readonly Answer[]): FoundGroup[] {
  const groups = new Map<FoundKind, FoundGroup>();
  for (const group of pages.flatMap((p) => p.groups)) {
    const known = groups.get(group.kind);
    const items = [...(known?.items ?? []), ...group.items];
    groups.set(group.kind, { ...group, items, failed: group.failed || (known?.failed ?? false) });
  }
  return [...groups.values()];
}

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, query } from "../api/client";
import type { Category, Contact, ContactPage } from "../api/types";

/** What of the contacts is shown. */
export interface ContactFilter {
  q?: string;
  kind?: "person" | "organisation";
  /** A category's id, or "none". */
  category?: string;
  country?: string;
}

/** The filter as it stands in an address. */
export function asFilter(search: { readonly [name: string]: unknown }): ContactFilter {
  const text = (name: string) => (typeof search[name] === "string" && search[name] !== "" ? search[name] : undefined);
  const [q, category, country] = [text("q"), text("category"), text("country")];
  const kind = search.kind === "person" || search.kind === "organisation" ? search.kind : undefined;
  return {
    ...(q !== undefined && { q }),
    ...(kind !== undefined && { kind }),
    ...(category !== undefined && { category }),
    ...(country !== undefined && { country }),
  };
}

export const categoriesQuery = queryOptions({
  queryKey: ["categories"],
  queryFn: ({ signal }) => call<Category[]>("GET", "/categories", undefined, signal),
});

/** The contacts that pass a filter, a page at a time. */
export const contactsQuery = (filter: ContactFilter) =>
  infiniteQueryOptions({
    queryKey: ["contacts", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      call<ContactPage>("GET", `/contacts${query({ ...filter, limit: 60, cursor: pageParam })}`, undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });

export const contactQuery = (id: string) =>
  queryOptions({
    queryKey: ["contacts", id],
    queryFn: ({ signal }) => call<Contact>("GET", `/contacts/${id}`, undefined, signal),
  });

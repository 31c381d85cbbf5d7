import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, query } from "../api/client";
import type { Category, Contact, ContactPage } from "../api/types";
import type { ContactFilter } from "./filter";

export const categoriesQuery = queryOptions({
  queryKey: ["categories"],
  queryFn: ({ signal }) => call<Category[]>("GET", "/categories", undefined, signal),
});

/** The contacts that pass a filter, a page at a time. */
export const contactsQuery = (filter: ContactFilter) =>
  infiniteQueryOptions({
    queryKey: ["contacts", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      call<ContactPage>(
        "GET",
        `/contacts${query({ ...filter, limit: 60, cursor: pageParam })}`,
        undefined,
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });

export const contactQuery = (id: string) =>
  queryOptions({
    queryKey: ["contacts", id],
    queryFn: ({ signal }) => call<Contact>("GET", `/contacts/${id}`, undefined, signal),
  });

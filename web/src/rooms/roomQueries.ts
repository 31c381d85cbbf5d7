import { queryOptions } from "@tanstack/react-query";
import { call } from "../api/client";
import type { MessageVersion, PinnedMessage, ReadList, Scheduled, TopicPage } from "../api/types";

/** The topics of a room, the most recently used first. */
export const topicsQuery = (room: string) =>
  queryOptions({
    queryKey: ["rooms", room, "topics"],
    queryFn: ({ signal }) => call<TopicPage>("GET", `/rooms/${room}/topics`, undefined, signal),
    staleTime: 0,
  });

/** The messages that a room keeps in sight. */
export const pinsQuery = (room: string) =>
  queryOptions({
    queryKey: ["rooms", room, "pins"],
    queryFn: ({ signal }) => call<PinnedMessage[]>("GET", `/rooms/${room}/pins`, undefined, signal),
  });

/** Who has read a message. */
export const readersQuery = (room: string, message: string) =>
  queryOptions({
    queryKey: ["readers", room, message],
    queryFn: ({ signal }) =>
      call<ReadList>("GET", `/rooms/${room}/messages/${message}/readers`, undefined, signal),
    staleTime: 0,
  });

/** What a message said before it was edited. */
export const versionsQuery = (room: string, message: string) =>
  queryOptions({
    queryKey: ["versions", room, message],
    queryFn: ({ signal }) =>
      call<MessageVersion[]>("GET", `/rooms/${room}/messages/${message}/versions`, undefined, signal),
    staleTime: 0,
  });

/** What we post later. */
export const scheduledQuery = queryOptions({
  queryKey: ["scheduled"],
  queryFn: ({ signal }) => call<Scheduled[]>("GET", "/scheduled", undefined, signal),
});

import { QueryClient, queryOptions } from "@tanstack/react-query";
import { call, query } from "../api/client";
import { isFinal, Problem } from "../api/problem";
import type {
  Account,
  Meeting,
  Minutes,
  NoticePage,
  Recording,
  Reminder,
  Room,
  RoomDetail,
  Server,
  Session,
  Station,
} from "../api/types";
import type { Topic } from "../wire/messages";

/** What has been read from the server. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => count < 2 && !isFinal(error),
      retryDelay: (count, error) =>
        error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : 1000 * 2 ** count,
    },
  },
});

export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: ({ signal }) => call<Server>("GET", "/server", undefined, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Who is signed in; null when nobody is. */
export const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: async ({ signal }) => {
    try {
      return await call<Account>("GET", "/session", undefined, signal);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => call<Session[]>("GET", "/sessions", undefined, signal),
});

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: ({ signal }) => call<Account[]>("GET", "/accounts", undefined, signal),
});

export const noticesQuery = queryOptions({
  queryKey: ["notices"],
  queryFn: ({ signal }) => call<NoticePage>("GET", `/notices${query({ limit: 100 })}`, undefined, signal),
});

export const remindersQuery = queryOptions({
  queryKey: ["notices", "reminders"],
  queryFn: ({ signal }) => call<Reminder[]>("GET", "/notices/reminders", undefined, signal),
});

export const roomsQuery = queryOptions({
  queryKey: ["rooms"],
  queryFn: ({ signal }) => call<Room[]>("GET", "/rooms", undefined, signal),
});

export const roomQuery = (id: string) =>
  queryOptions({
    queryKey: ["rooms", id],
    queryFn: ({ signal }) => call<RoomDetail>("GET", `/rooms/${id}`, undefined, signal),
  });

export const stationsQuery = queryOptions({
  queryKey: ["stations"],
  queryFn: ({ signal }) => call<Station[]>("GET", "/stations", undefined, signal),
});

/** The meetings from the beginning of today on. */
export const meetingsQuery = (from: string) =>
  queryOptions({
    queryKey: ["meetings", "from", from],
    queryFn: ({ signal }) =>
      call<Meeting[]>("GET", `/meetings${query({ from, limit: 50 })}`, undefined, signal),
  });

export const meetingQuery = (id: string) =>
  queryOptions({
    queryKey: ["meetings", id],
    queryFn: ({ signal }) => call<Meeting>("GET", `/meetings/${id}`, undefined, signal),
  });

/** All meetings since a day long ago. */
export const allMeetingsQuery = (from: string) =>
  queryOptions({
    queryKey: ["meetings", "all"],
    queryFn: ({ signal }) =>
      call<Meeting[]>("GET", `/meetings${query({ from, limit: 200 })}`, undefined, signal),
  });

export const recordingsQuery = (meeting: string) =>
  queryOptions({
    queryKey: ["recordings", meeting],
    queryFn: ({ signal }) => call<Recording[]>("GET", `/meetings/${meeting}/recordings`, undefined, signal),
  });

export const minutesQuery = (id: string) =>
  queryOptions({
    queryKey: ["minutes", id],
    queryFn: ({ signal }) => call<Minutes>("GET", `/minutes/${id}`, undefined, signal),
  });

/** Reads again what the node says has changed. */
export function readAgain(topic: Topic, id: string): void {
  switch (topic) {
    case "meeting":
      void queries.invalidateQueries({ queryKey: ["meetings"] });
      return;
    case "minutes":
      void queries.invalidateQueries({ queryKey: ["minutes", id] });
      void queries.invalidateQueries({ queryKey: ["meetings"] });
      return;
    case "recordings":
      void queries.invalidateQueries({ queryKey: ["recordings", id] });
      void queries.invalidateQueries({ queryKey: ["meetings"] });
      return;
    case "room":
      void queries.invalidateQueries({ queryKey: ["rooms"] });
      return;
    case "notices":
      void queries.invalidateQueries({ queryKey: ["notices"] });
      return;
    default:
      topic satisfies never;
  }
}

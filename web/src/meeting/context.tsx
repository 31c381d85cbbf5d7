import { createContext, type ReactNode, useContext } from "react";
import { useStore } from "zustand";
import type { Link } from "../link/link";
import type { Rooms } from "../rooms/store";
import type { Meeting, MeetingStore } from "./controller";
import type { Live } from "./state";

/** What every part of the meeting's screen needs. */
export interface MeetingTools {
  meeting: Meeting;
  rooms: Rooms;
  link: Link;
}

const Context = createContext<MeetingTools | undefined>(undefined);

/** Gives the tools to everything inside. */
export function MeetingProvider({ tools, children }: { tools: MeetingTools; children: ReactNode }) {
  return <Context value={tools}>{children}</Context>;
}

/** The tools of the meeting around us. */
export function useMeeting(): MeetingTools {
  const tools = useContext(Context);
  if (!tools) throw new Error("outside of a meeting");
  return tools;
}

/** A part of the meeting's store. */
export function useMeetingStore<T>(select: (store: MeetingStore) => T): T {
  return useStore(useMeeting().meeting.store, select);
}

const LiveContext = createContext<Live | undefined>(undefined);

/** Gives the live meeting to everything inside. */
export function LiveProvider({ live, children }: { live: Live; children: ReactNode }) {
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** The meeting we are in. */
export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("outside of a live meeting");
  return live;
}

import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { Account } from "../api/types";
import { type Calls, createCalls } from "../calls/store";
import { openLink } from "../link/browser";
import { dispatch } from "../link/dispatch";
import type { Link } from "../link/link";
import type { Meeting } from "../meeting/controller";
import { browserDrawer } from "../rooms/drawer";
import type { RoomsState } from "../rooms/state";
import { createRooms, type Rooms } from "../rooms/store";
import { queries, readAgain } from "./queries";

/** What exists while somebody is signed in. */
export interface SignedIn {
  account: Account;
  link: Link;
  rooms: Rooms;
  calls: Calls;
  /** The meeting we are in, so that its messages find it. */
  meet: (meeting: Meeting | undefined) => void;
}

const Context = createContext<SignedIn | undefined>(undefined);

/** Holds the connection for as long as somebody is signed in. */
export function SessionProvider({ account, children }: { account: Account; children: ReactNode }) {
  const [session, setSession] = useState<Omit<SignedIn, "account">>();
  useEffect(() => {
    // Pushing is looked after when nothing waits for it; what fails is tried at the next start.
    void import("../notices/push").then(({ keepPush }) => keepPush()).catch(() => undefined);
  }, []);
  useEffect(() => {
    const link = openLink("account");
    const rooms = createRooms(link, {
      changed: () => void queries.invalidateQueries({ queryKey: ["rooms"] }),
      drawer: browserDrawer(localStorage, account.id),
      role: account.role,
    });
    const calls = createCalls(link);
    let meeting: Meeting | undefined;
    const stop = link.listen((frame) =>
      dispatch(frame, {
        meeting: (f) => meeting?.take(f),
        rooms: rooms.take,
        calls: calls.take,
        changed: ({ topic, id }) => readAgain(topic, id),
      }),
    );
    const watch = link.state.subscribe((state) => {
      if (state.phase === "closed" && state.reason === "unauthorized") {
        void queries.invalidateQueries({ queryKey: ["account"] });
      }
    });
    setSession({
      link,
      rooms,
      calls,
      meet: (m) => {
        meeting = m;
      },
    });
    return () => {
      watch();
      stop();
      rooms.close();
      calls.close();
      link.close();
    };
  }, [account.id, account.role]);
  if (!session) return null;
  return <Context value={{ account, ...session }}>{children}</Context>;
}

/** The session of whoever is signed in. */
export function useSession(): SignedIn {
  const session = useContext(Context);
  if (!session) throw new Error("nobody is signed in");
  return session;
}

/** A part of the store of rooms. */
export function useRooms<T>(select: (state: RoomsState) => T): T {
  return useStore(useSession().rooms.store, select);
}

/** The zone in which times are shown: the account's own. */
export function useZone(): string {
  return useSession().account.time_zone;
}

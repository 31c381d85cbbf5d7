import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect } from "react";
import { useStore } from "zustand";
import { useSession } from "../app/session";
import { rememberInside } from "../meeting/inside";
import { ChoosePeople } from "./ChoosePeople";
import { CallBack } from "./callBack";
import { Incoming } from "./Incoming";
import { NightGuard } from "./NightGuard";
import { Outgoing } from "./Outgoing";
import { incomingOf, outgoingOf } from "./state";
import { useRing } from "./useRing";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The meeting is a call: it is over for who is left alone in it. */
    call?: boolean;
  }
}

/** Over every page: who rings us, whom we ring, and what is asked before. */
export function CallLayer({ children }: { children: ReactNode }) {
  const { calls } = useSession();
  const incoming = useStore(calls.store, incomingOf);
  const outgoing = useStore(calls.store, outgoingOf);
  const enter = useEnter();
  const ring = useRing();
  useEffect(() => calls.onAnswered((room) => enter(room, true)), [calls, enter]);
  return (
    <CallBack value={(room, people) => void ring.people(room, people)}>
      {children}
      {incoming ? <Incoming key={incoming.id} call={incoming} onEnter={enter} /> : null}
      {outgoing ? <Outgoing key={outgoing.id} call={outgoing} /> : null}
      <NightGuard />
      <ChoosePeople />
    </CallBack>
  );
}

/** Leads into a room's meeting without the mirror before it: who answers a call wants to talk. */
function useEnter(): (room: string, camera: boolean) => void {
  const navigate = useNavigate();
  return useCallback(
    (room, camera) => {
      if (location.pathname === `/live/${room}`) return;
      rememberInside(room, { microphone: true, camera });
      void navigate({ to: "/live/$room", params: { room }, state: { call: true } });
    },
    [navigate],
  );
}

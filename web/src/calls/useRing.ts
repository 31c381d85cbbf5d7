import { useLingui } from "@lingui/react/macro";
import { call } from "../api/client";
import type { Room } from "../api/types";
import { accountsQuery, queries, roomQuery, stationsQuery } from "../app/queries";
import { useSession } from "../app/session";
import { Refusal } from "../link/answers";
import { toast } from "../ui/toast";
import { useAsking } from "./ask";
import { asleep, calleesOf } from "./guard";
import { ringProblem } from "./words";

/** The ways to ring people. Before a telephone rings at night, one is asked. */
export interface Ring {
  /** Rings one account in the room of the two. */
  person: (account: string) => Promise<void>;
  /** Rings a room: the other one of two, else those who are chosen. */
  room: (room: string) => Promise<void>;
  /** Rings these people of a room. */
  people: (room: string, people: readonly string[]) => Promise<void>;
  /** Rings them, whatever time it is there. */
  anyway: (room: string, people: readonly string[]) => Promise<void>;
}

/** The ways to ring people, for buttons of any page. */
export function useRing(): Ring {
  const { i18n } = useLingui();
  const { account, calls } = useSession();
  const { ask } = useAsking.getState();
  const fail = (error: unknown) => {
    const code = error instanceof Refusal ? error.code : undefined;
    toast(i18n._(ringProblem(code)), { tone: "danger" });
  };
  const anyway: Ring["anyway"] = async (room, people) => {
    try {
      await calls.ring(room, people);
    } catch (error) {
      fail(error);
    }
  };
  const people: Ring["people"] = async (room, ids) => {
    try {
      const [accounts, stations] = await Promise.all([
        queries.ensureQueryData(accountsQuery),
        queries.ensureQueryData(stationsQuery),
      ]);
      const sleeping = asleep(calleesOf(ids, accounts, stations), new Date());
      if (sleeping.length > 0) ask({ kind: "guard", room, people: ids, asleep: sleeping });
      else await anyway(room, ids);
    } catch (error) {
      fail(error);
    }
  };
  return {
    anyway,
    people,
    room: async (id) => {
      try {
        const room = await queries.ensureQueryData(roomQuery(id));
        const others = room.members.map((m) => m.person.id).filter((p) => p !== account.id);
        if (room.kind === "direct" || others.length === 1) await people(id, others);
        else ask({ kind: "choose", room: id });
      } catch (error) {
        fail(error);
      }
    },
    person: async (other) => {
      try {
        const room = await call<Room>("POST", "/rooms/direct", { account: other });
        await people(room.id, [other]);
      } catch (error) {
        fail(error);
      }
    },
  };
}

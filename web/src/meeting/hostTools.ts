import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import { Disconnected, Refusal } from "../link/answers";
import { toast } from "../ui/toast";
import type { ClientBodies, Role, Source } from "../wire/messages";
import { useMeeting } from "./context";

/** What hosts and co-hosts may do. The node decides; a refusal is told in words. */
export interface HostTools {
  admit: (person: string) => void;
  admitAll: () => void;
  refuse: (person: string) => void;
  mute: (participant: string, source: Source) => void;
  muteAll: () => void;
  askUnmute: (participant: string, source: Source) => void;
  lowerHand: (participant: string) => void;
  remove: (participant: string, block: boolean) => void;
  lock: (locked: boolean) => void;
  appoint: (participant: string, role: Role) => void;
  record: (on: boolean) => void;
}

/** The tools of whoever moderates. */
export function useHostTools(): HostTools {
  const { link } = useMeeting();
  const { t } = useLingui();
  return useMemo(() => {
    const ask = <T extends keyof ClientBodies>(type: T, body: ClientBodies[T], done?: string) => {
      link.request(type, body).then(
        () => done && toast(done),
        (error: unknown) => toast(whyNot(error), { tone: "danger" }),
      );
    };
    const whyNot = (error: unknown): string => {
      if (error instanceof Disconnected) return t`There is no connection at the moment. Try again shortly.`;
      if (error instanceof Refusal && error.code === "forbidden")
        return t`Only the host and co-hosts may do that.`;
      if (error instanceof Refusal && error.code === "not_found") return t`That person is no longer here.`;
      return t`That did not work. Try again.`;
    };
    return {
      admit: (person) => ask("admit", { people: [person], all: false }),
      admitAll: () => ask("admit", { people: [], all: true }),
      refuse: (person) => ask("refuse", { person }),
      mute: (participant, source) => ask("mute", { participant, everyone: false, source }),
      muteAll: () => ask("mute", { everyone: true, source: "microphone" }, t`Everybody has been muted`),
      askUnmute: (participant, source) => ask("ask_unmute", { participant, source }, t`They have been asked`),
      lowerHand: (participant) => ask("hand", { raised: false, participant }),
      remove: (participant, block) => ask("remove", { participant, block }),
      lock: (locked) => ask("lock", { locked }),
      appoint: (participant, role) => ask("appoint", { participant, role }),
      record: (on) => ask("record", { on }),
    };
  }, [link, t]);
}

import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { create } from "zustand";
import { toast } from "../ui/toast";
import { blip, chime } from "../ui/tone";
import type { Participant } from "../wire/messages";
import { useLive } from "./context";
import { type Live, moderates } from "./state";

/** Who came, who left and whose hand went up between two looks at a meeting; never ourselves. */
export interface Comings {
  came: readonly Participant[];
  left: readonly Participant[];
  raised: readonly Participant[];
}

/** What changed among those present. */
export function comings(before: Live, now: Live): Comings {
  const others = (live: Live) => live.participants.filter((p) => p.id !== now.me);
  const known = new Map(before.participants.map((p) => [p.id, p]));
  const here = new Set(now.participants.map((p) => p.id));
  return {
    came: others(now).filter((p) => !known.has(p.id)),
    left: others(before).filter((p) => !here.has(p.id)),
    raised: others(now).filter(
      (p) => p.hand_raised_at !== undefined && p.hand_raised_at !== known.get(p.id)?.hand_raised_at,
    ),
  };
}

/** From how many people on comings and goings are told to those alone who ask for it. */
const large = 10;

interface Telling {
  /** What was chosen for this meeting; absent until somebody chooses. */
  chosen: boolean | undefined;
  choose: (tell: boolean) => void;
}

const useChosen = create<Telling>()((set) => ({ chosen: undefined, choose: (chosen) => set({ chosen }) }));

/** Whether comings and goings are told, and the way to change it: in a large meeting they are not. */
export function useTelling(): [boolean, (tell: boolean) => void] {
  const { chosen, choose } = useChosen();
  const { participants } = useLive();
  return [chosen ?? participants.length <= large, choose];
}

/** Tells who comes and goes, and, to those who keep order, whose hand goes up. */
export function useComings(onHands: () => void): void {
  const { t } = useLingui();
  const live = useLive();
  const [telling] = useTelling();
  const before = useRef(live);
  useEffect(() => {
    const { came, left, raised } = comings(before.current, live);
    before.current = live;
    const words = (
      people: readonly Participant[],
      one: (name: string) => string,
      many: (n: number) => string,
    ) => people[0] && (people.length === 1 ? one(people[0].name) : many(people.length));
    const told = [
      telling &&
        words(
          came,
          (name) => t`${name} has joined`,
          (n) => t`${n} people have joined`,
        ),
      telling &&
        words(
          left,
          (name) => t`${name} has left`,
          (n) => t`${n} people have left`,
        ),
    ].filter((text) => typeof text === "string");
    for (const text of told) toast(text);
    const hand = words(
      raised,
      (name) => t`${name} has raised a hand`,
      (n) => t`${n} people have raised a hand`,
    );
    if (hand && moderates(live)) {
      toast(hand, { action: { label: t`Show`, run: onHands } });
      chime();
    } else if (told.length > 0) blip(came.length > 0);
  }, [live, telling, onHands, t]);
}

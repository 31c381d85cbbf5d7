import { useEffect, useRef, useState } from "react";
import type { Attendee, Minutes } from "../api/types";
import { queries } from "../app/queries";
import { type HeadField, saveHead } from "./head";

const restsFor = 900;
const retryAfter = 5000;

/** Where a part of the head stands. */
export type HeadPhase = "saved" | "changed" | "saving" | "failed" | "clash";

/** One part of the minutes' head being written: saved when the typing rests and when one leaves it. */
export function useHead<F extends HeadField>(minutes: Minutes, field: F) {
  const incoming = minutes[field];
  const [value, setValue] = useState(incoming);
  const [base, setBase] = useState(incoming);
  const [theirs, setTheirs] = useState<Minutes[F]>();
  const [trying, setTrying] = useState<"no" | "now" | "failed">("no");
  const changed = !alike(value, base);
  const phase = phaseOf(changed, theirs !== undefined, trying);

  // What others save appears here as long as nothing is being written.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only news from the server matter
  useEffect(() => {
    if (changed) return;
    setBase(incoming);
    if (!alike(value, incoming)) setValue(incoming);
  }, [incoming]);

  const save = async (wanted: Minutes[F], on: Minutes[F]) => {
    if (alike(wanted, on) || trying === "now") return;
    setTrying("now");
    try {
      const result = await saveHead(minutes, field, tidy(wanted), on);
      queries.setQueryData(["minutes", minutes.id], result.minutes);
      setBase(result.minutes[field]);
      setTheirs(result.outcome === "clash" ? result.minutes[field] : undefined);
      setTrying("no");
    } catch {
      setTrying("failed");
    }
  };
  const latest = useRef(() => {});
  latest.current = () => void save(value, base);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every keystroke begins the wait anew
  useEffect(() => {
    if (phase !== "changed" && phase !== "failed") return;
    const timer = setTimeout(() => latest.current(), phase === "failed" ? retryAfter : restsFor);
    return () => clearTimeout(timer);
  }, [value, phase]);

  return {
    value,
    phase,
    theirs,
    write: setValue,
    save: () => {
      if (phase === "changed" || phase === "failed") latest.current();
    },
    settle: (choice: "mine" | "theirs") => {
      if (theirs === undefined) return;
      setBase(theirs);
      setTheirs(undefined);
      if (choice === "theirs") setValue(theirs);
    },
  };
}

function phaseOf(changed: boolean, clash: boolean, trying: "no" | "now" | "failed"): HeadPhase {
  if (clash) return "clash";
  if (trying === "now") return "saving";
  if (!changed) return "saved";
  return trying === "failed" ? "failed" : "changed";
}

/** A part as it is saved: without blanks around it, and without people who have no name yet. */
export function tidy<V extends string | Attendee[]>(value: V): V {
  const cleaned =
    typeof value === "string"
      ? value.trim()
      : value
          .map((a) => ({ name: a.name.trim(), unit: a.unit.trim(), title: a.title.trim() }))
          .filter((a) => a.name !== "");
  return cleaned as V;
}

/** Whether two parts are saved as the same. */
export function alike<V extends string | Attendee[]>(a: V, b: V): boolean {
  return JSON.stringify(tidy(a)) === JSON.stringify(tidy(b));
}

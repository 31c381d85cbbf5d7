import { useEffect, useRef, useState } from "react";
import type { Attendee, Minutes } from "../api/types";
import { queries } from "../app/queries";
import { type HeadField, saveHead } from "./head";
import { useUnsaved } from "./unsaved";

const restsFor = 900;
const retryAfter = 5000;

/** Where a part of the head stands. */
export type HeadPhase = "saved" | "changed" | "saving" | "failed" | "clash";

/** A part of the head as the server had it at a revision. */
interface Known<V> {
  value: V;
  revision: number;
}

/** One part of the minutes' head being written: saved when the typing rests and when one leaves it. */
export function useHead<F extends HeadField>(minutes: Minutes, field: F) {
  const incoming: Known<Minutes[F]> = { value: minutes[field], revision: minutes.revision };
  const [value, setValue] = useState(incoming.value);
  const [base, setBase] = useState(incoming);
  const [theirs, setTheirs] = useState<Known<Minutes[F]>>();
  const [trying, setTrying] = useState<"no" | "now" | "failed">("no");
  const phase = phaseOf(!alike(value, base.value), theirs !== undefined, trying);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only news from the server matter
  useEffect(() => {
    if (trying === "now") return;
    const news = newsOf(value, base, incoming);
    if (news === "clash") setTheirs(incoming);
    if (news !== "take") return;
    setBase(incoming);
    setTheirs(undefined);
    if (!alike(value, incoming.value)) setValue(incoming.value);
  }, [incoming.revision, trying]);

  const save = async () => {
    if (alike(value, base.value) || trying === "now") return;
    if (newsOf(value, base, incoming) === "clash") return setTheirs(incoming);
    setTrying("now");
    try {
      const result = await saveHead(minutes, field, tidy(value), base.value);
      const known = { value: result.minutes[field], revision: result.minutes.revision };
      queries.setQueryData<Minutes>(["minutes", minutes.id], (shown) =>
        shown && shown.revision > known.revision ? shown : result.minutes,
      );
      if (result.outcome === "clash") setTheirs(known);
      else setBase(known);
      setTrying("no");
    } catch {
      setTrying("failed");
    }
  };
  const latest = useRef(() => {});
  latest.current = () => void save();
  // biome-ignore lint/correctness/useExhaustiveDependencies: every keystroke begins the wait anew
  useEffect(() => {
    if (phase !== "changed" && phase !== "failed") return;
    const timer = setTimeout(() => latest.current(), phase === "failed" ? retryAfter : restsFor);
    return () => clearTimeout(timer);
  }, [value, phase]);

  const { id } = minutes;
  const markHead = useUnsaved((s) => s.markHead);
  useEffect(() => markHead(id, field, phase === "saved"), [markHead, id, field, phase]);
  useEffect(
    () => () => {
      latest.current();
      markHead(id, field, true);
    },
    [markHead, id, field],
  );

  return {
    value,
    phase,
    theirs: theirs?.value,
    write: setValue,
    save: () => {
      if (phase === "changed" || phase === "failed") latest.current();
    },
    settle: (choice: "mine" | "theirs") => {
      if (theirs === undefined) return;
      setBase(theirs);
      setTheirs(undefined);
      setTrying("no");
      if (choice === "theirs") setValue(theirs.value);
    },
  };
}

/**
 * What to do with a part as the server has it now, when one was begun with
 * another: nothing, take it, or let the writer choose.
 */
export function newsOf<V extends string | Attendee[]>(
  value: V,
  base: Known<V>,
  incoming: Known<V>,
): "nothing" | "take" | "clash" {
  if (incoming.revision <= base.revision) return "nothing";
  if (alike(incoming.value, base.value)) return "nothing";
  return alike(value, base.value) || alike(value, incoming.value) ? "take" : "clash";
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

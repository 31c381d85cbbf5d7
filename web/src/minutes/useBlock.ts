import { useCallback, useEffect, useRef, useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Block } from "../api/types";
import {
  arrived,
  type Content,
  clashed,
  resumed,
  saved,
  settled,
  shown,
  typed,
  type Writing,
} from "./blocks";
import { useUnsaved } from "./unsaved";

const restsFor = 900;
const retryAfter = 5000;

/** One block being written: saved when the typing rests, one save at a time. */
export function useBlock(minutes: string, block: Block) {
  const [writing, setWriting] = useState(() =>
    resumed(useUnsaved.getState().byBlock[block.id]?.writing, block),
  );
  const latest = useRef(writing);
  latest.current = writing;
  const busy = useRef(false);
  const change = useCallback(
    (next: (writing: Writing) => Writing) => {
      latest.current = next(latest.current);
      setWriting(latest.current);
      useUnsaved.getState().keep({ minutes, block: block.id, writing: latest.current });
    },
    [minutes, block.id],
  );

  useEffect(() => change((w) => arrived(w, block)), [block, change]);

  const save = useCallback(async () => {
    const now = latest.current;
    if (busy.current || (now.phase !== "changed" && now.phase !== "failed")) return;
    busy.current = true;
    const { mine, base } = now;
    change(() => ({ phase: "saving", base, mine }));
    try {
      const result = await call<Block>("PUT", `/minutes/${minutes}/blocks/${base.id}`, {
        revision: base.revision,
        kind: mine.kind,
        text: mine.text,
        owner: mine.owner,
        ...(mine.due !== "" && { due: mine.due }),
      });
      change((w) => saved(w, mine, result));
    } catch (error) {
      const current = error instanceof Problem && error.status === 409 ? currentOf(error) : undefined;
      change((w) => (current ? clashed(w, current) : { phase: "failed", base: w.base, mine: shown(w) }));
    } finally {
      busy.current = false;
    }
  }, [minutes, change]);

  // Whoever leaves the page has not stopped meaning what they wrote.
  useEffect(() => () => void save(), [save]);

  const { phase } = writing;
  // biome-ignore lint/correctness/useExhaustiveDependencies: every keystroke begins the wait anew
  useEffect(() => {
    if (phase !== "changed" && phase !== "failed") return;
    const timer = setTimeout(() => void save(), phase === "failed" ? retryAfter : restsFor);
    return () => clearTimeout(timer);
  }, [writing, phase, save]);

  return {
    writing,
    write: (part: Partial<Content>) => change((w) => typed(w, { ...shown(w), ...part })),
    settle: (choice: "mine" | "theirs" | "both") => change((w) => settled(w, choice)),
    saveNow: () => void save(),
    /** The block is gone, and we wanted it so. */
    drop: () => change((w) => ({ phase: "saved", base: w.base })),
  };
}

function currentOf(problem: Problem): Block | undefined {
  const { current } = problem.body;
  return typeof current === "object" && current !== null && "revision" in current
    ? (current as Block)
    : undefined;
}

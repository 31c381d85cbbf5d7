import { useEffect, useState } from "react";

/** A text to search for: what was typed, once the typing rests. */
export interface Rested {
  text: string;
  /** For the field: half a syllable of an input method is nothing to search for. */
  field: { onCompositionStart: () => void; onCompositionEnd: () => void };
}

const rest = 250;

/** Waits until somebody has stopped typing; emptying the field takes effect at once. */
export function useRested(typed: string): Rested {
  const wanted = typed.trim();
  const [text, setText] = useState(wanted);
  const [composing, setComposing] = useState(false);
  useEffect(() => {
    if (composing) return;
    const timer = setTimeout(() => setText(wanted), wanted === "" ? 0 : rest);
    return () => clearTimeout(timer);
  }, [wanted, composing]);
  return {
    text,
    field: { onCompositionStart: () => setComposing(true), onCompositionEnd: () => setComposing(false) },
  };
}

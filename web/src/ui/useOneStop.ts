import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useRef } from "react";

interface OneStop {
  ref: RefObject<HTMLElement | null>;
  onKeyDown: (event: KeyboardEvent) => void;
  onFocus: (event: FocusEvent) => void;
}

/** Makes the links of a list one stop of the Tab key: arrows, Home and End go from one to the next. */
export function useOneStop(): OneStop {
  const ref = useRef<HTMLElement>(null);
  const last = useRef<Element>(null);
  const links = () => [...(ref.current?.querySelectorAll("a") ?? [])].filter((a) => a.checkVisibility());
  const mark = () => {
    const all = links();
    const stop = all.find((a) => a === last.current) ?? all.find((a) => a.ariaCurrent === "page") ?? all[0];
    for (const a of all) a.tabIndex = a === stop ? 0 : -1;
  };
  // Rows come, go and change places with any render.
  useEffect(mark);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!(event.target instanceof HTMLAnchorElement)) return;
    const all = links();
    const at = all.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    all[to]?.focus();
  };
  const onFocus = (event: FocusEvent) => {
    if (!(event.target instanceof HTMLAnchorElement)) return;
    last.current = event.target;
    mark();
  };
  return { ref, onKeyDown, onFocus };
}

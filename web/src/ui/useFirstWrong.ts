import { type RefObject, useEffect, useRef } from "react";

/** Takes whoever sent a form to the first field that was refused. */
export function useFirstWrong(refused: unknown): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (refused) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [refused]);
  return form;
}

import { useEffect, useRef } from "react";
import type { Player } from "./usePlayer";

const jump = 10_000;

/** Space plays and pauses, the arrows jump ten seconds; never while something else has the key. */
export function usePlayerKeys(player: Player): void {
  const latest = useRef(player);
  latest.current = player;
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      const taken =
        event.target instanceof HTMLElement &&
        event.target.closest("button, a, input, select, textarea, summary");
      if (taken || event.altKey || event.ctrlKey || event.metaKey) return;
      const { clock, seek, toggle } = latest.current;
      if (event.code === "Space") toggle();
      else if (event.code === "ArrowLeft") seek(clock - jump);
      else if (event.code === "ArrowRight") seek(clock + jump);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, []);
}

import { useEffect, useRef } from "react";
import type { LocalMedia } from "./media/local";

/** A bar that follows the microphone; drawn outside of React, many times a second. */
export function Level({ local, label }: { local: LocalMedia; label: string }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      if (bar.current) bar.current.style.transform = `scaleX(${local.level().toFixed(3)})`;
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [local]);
  return (
    <div role="img" aria-label={label} className="h-1.5 overflow-hidden rounded-full bg-sunken">
      <div ref={bar} className="h-full origin-left bg-good" />
    </div>
  );
}

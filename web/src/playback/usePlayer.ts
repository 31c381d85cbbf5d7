import { useEffect, useRef, useState } from "react";
import type { RecordingFile } from "../api/types";
import { follow, lengthOf } from "./follow";

/** What the controls show and do. */
export interface Player {
  playing: boolean;
  /** Waits for data. */
  buffering: boolean;
  /** On the recording's own clock, in milliseconds. */
  clock: number;
  length: number;
  speed: number;
  /** Files that have something now. */
  present: ReadonlySet<string>;
  attach: (file: string) => (element: HTMLVideoElement | null) => void;
  toggle: () => void;
  seek: (clock: number) => void;
  setSpeed: (speed: number) => void;
}

const step = 100;

/** Plays all files of a recording in step with one clock. */
export function usePlayer(files: readonly RecordingFile[]): Player {
  const elements = useRef(new Map<string, HTMLVideoElement>());
  const attachers = useRef(new Map<string, (element: HTMLVideoElement | null) => void>());
  const clock = useRef(0);
  const [shown, setShown] = useState({ clock: 0, present: new Set<string>(), buffering: false });
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const length = lengthOf(files.map((f) => ({ offset: f.offset_ms, duration: f.duration_ms })));

  useEffect(() => {
    let last = performance.now();
    const tick = () => {
      const now = performance.now();
      const orders = conduct(files, elements.current, clock.current, { playing, speed });
      if (playing && !orders.buffering)
        clock.current = Math.min(length, clock.current + (now - last) * speed);
      last = now;
      if (playing && clock.current >= length) setPlaying(false);
      setShown({ clock: clock.current, ...orders });
    };
    tick();
    const timer = setInterval(tick, step);
    return () => clearInterval(timer);
  }, [files, playing, speed, length]);

  const attach = (file: string) => {
    let attacher = attachers.current.get(file);
    if (!attacher) {
      attacher = (element) => {
        if (element) elements.current.set(file, element);
        else elements.current.delete(file);
      };
      attachers.current.set(file, attacher);
    }
    return attacher;
  };
  return {
    playing,
    ...shown,
    length,
    speed,
    attach,
    setSpeed,
    toggle: () => {
      if (clock.current >= length) clock.current = 0;
      setPlaying(!playing);
    },
    seek: (to) => {
      clock.current = Math.max(0, Math.min(length, to));
    },
  };
}

/** Gives every element its orders, and says who is present and whether one of them waits for data. */
function conduct(
  files: readonly RecordingFile[],
  elements: ReadonlyMap<string, HTMLVideoElement>,
  clock: number,
  { playing, speed }: { playing: boolean; speed: number },
): { present: Set<string>; buffering: boolean } {
  const present = new Set<string>();
  let buffering = false;
  for (const file of files) {
    const element = elements.get(file.id);
    if (!element) continue;
    const span = { offset: file.offset_ms, duration: file.duration_ms };
    const orders = follow(span, clock, element.currentTime, speed);
    if (!orders.present) {
      element.pause();
      continue;
    }
    present.add(file.id);
    if (orders.seek !== undefined && !element.seeking) element.currentTime = orders.seek;
    element.playbackRate = orders.rate;
    if (playing && element.paused && !element.ended) element.play().catch(() => undefined);
    if (!playing) element.pause();
    if (playing && !element.ended && element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) buffering = true;
  }
  return { present, buffering };
}

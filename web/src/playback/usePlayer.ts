import { useEffect, useRef, useState } from "react";
import type { RecordingFile } from "../api/types";
import { follow, lacks, lengthOf, worthWaiting } from "./follow";

/** What the controls show and do. */
export interface Player {
  playing: boolean;
  /** Waits for data. */
  buffering: boolean;
  /** On the recording's own clock, in milliseconds. */
  clock: number;
  length: number;
  speed: number;
  /** From 0 to 1, for everybody together. */
  volume: number;
  /** Files that have something now. */
  present: ReadonlySet<string>;
  attach: (file: string) => (element: HTMLVideoElement | null) => void;
  toggle: () => void;
  seek: (clock: number) => void;
  setSpeed: (speed: number) => void;
  setVolume: (volume: number) => void;
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
  const [volume, setVolume] = useState(1);
  // Files that lack data, with the time at which that was first seen.
  const lacking = useRef(new Map<string, number>());
  const length = lengthOf(files.map((f) => ({ offset: f.offset_ms, duration: f.duration_ms })));

  useEffect(() => {
    let last = performance.now();
    const tick = () => {
      const now = performance.now();
      const pace = { playing, speed, volume, now };
      const orders = conduct(files, elements.current, lacking.current, clock.current, pace);
      if (playing && !orders.buffering)
        clock.current = Math.min(length, clock.current + (now - last) * speed);
      last = now;
      if (playing && clock.current >= length) setPlaying(false);
      setShown({ clock: clock.current, ...orders });
    };
    tick();
    const timer = setInterval(tick, step);
    return () => clearInterval(timer);
  }, [files, playing, speed, volume, length]);

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
    volume,
    attach,
    setSpeed,
    setVolume,
    toggle: () => {
      if (clock.current >= length) clock.current = 0;
      setPlaying(!playing);
    },
    seek: (to) => {
      clock.current = Math.max(0, Math.min(length, to));
    },
  };
}

interface Pace {
  playing: boolean;
  speed: number;
  volume: number;
  now: number;
}

/** Gives every element its orders, and says who is present and whether all wait for one of them. */
function conduct(
  files: readonly RecordingFile[],
  elements: ReadonlyMap<string, HTMLVideoElement>,
  lacking: Map<string, number>,
  clock: number,
  { playing, speed, volume, now }: Pace,
): { present: Set<string>; buffering: boolean } {
  const present = new Map<string, HTMLVideoElement>();
  for (const file of files) {
    const element = elements.get(file.id);
    if (!element) continue;
    const span = { offset: file.offset_ms, duration: file.duration_ms };
    const orders = follow(span, clock, element.currentTime, speed);
    if (orders.present) {
      present.set(file.id, element);
      if (orders.seek !== undefined && !element.seeking) element.currentTime = orders.seek;
      element.playbackRate = orders.rate;
      element.volume = volume;
    } else element.pause();
    if (orders.present && isLacking(element)) lacking.set(file.id, lacking.get(file.id) ?? now);
    else lacking.delete(file.id);
  }
  const buffering = playing && worthWaiting([...lacking.values()], now);
  for (const element of present.values()) run(element, playing && !buffering);
  return { present: new Set(present.keys()), buffering };
}

function isLacking(element: HTMLVideoElement): boolean {
  const { readyState, currentTime, duration } = element;
  // What cannot be played is not waited for.
  return !element.ended && !element.error && lacks({ readyState, position: currentTime, end: duration });
}

function run(element: HTMLVideoElement, on: boolean): void {
  if (!on) element.pause();
  else if (element.paused && !element.ended) element.play().catch(() => undefined);
}

/** One file of a recording on the recording's own clock, in milliseconds. */
export interface Span {
  offset: number;
  duration: number;
}

/** What one media element is to do now. */
export interface Orders {
  /** Whether this file has something at this moment. */
  present: boolean;
  /** Where to jump, in seconds, when it is too far off. */
  seek?: number;
  rate: number;
}

/** Further off than this, in seconds, an element jumps; below it runs a little faster or slower. */
const farOff = 0.35;
const closeEnough = 0.04;

/** What an element has to do so that all files play in step. Clock in milliseconds, position in seconds. */
export function follow(span: Span, clock: number, position: number, speed: number): Orders {
  const wanted = (clock - span.offset) / 1000;
  if (wanted < 0 || wanted > span.duration / 1000) return { present: false, rate: speed };
  const behind = wanted - position;
  if (Math.abs(behind) > farOff) return { present: true, seek: wanted, rate: speed };
  if (Math.abs(behind) < closeEnough) return { present: true, rate: speed };
  return { present: true, rate: speed * (behind > 0 ? 1.06 : 0.94) };
}

/** How long everything takes together. */
export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((end, s) => Math.max(end, s.offset + s.duration), 0);
}

/** What is known of a media element that should be playing. */
export interface Supply {
  /** HTMLMediaElement.readyState: from 3 on there is data for what comes next. */
  readyState: number;
  position: number;
  /** Where the file ends, in seconds; not a number until its head was read. */
  end: number;
}

/** At the end of a file nothing comes next, and nobody has to wait for it. */
const nearTheEnd = 0.5;

/** Whether an element lacks data, so that all others wait for it. */
export function lacks({ readyState, position, end }: Supply): boolean {
  return readyState < 3 && !(end - position < nearTheEnd);
}

/** Nobody waits longer than this, in milliseconds, for a file that does not come. */
const patience = 8000;

/** Whether those that lack data are still waited for. Since: when each of them was first found lacking. */
export function worthWaiting(since: readonly number[], now: number): boolean {
  return since.some((at) => now - at < patience);
}

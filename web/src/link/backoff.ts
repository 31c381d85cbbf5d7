/** The longest wait between two attempts, in milliseconds. */
export const longest = 15_000;

/**
 * How long to wait before the given attempt (0 is the first after a loss):
 * doubling from 300 ms, each time a random part of it, so that a node that
 * comes back is not met by everybody at once.
 */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(longest, 300 * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (0.5 + random / 2));
}

import { expect, it } from "vitest";
import { follow, lacks, lengthOf, worthWaiting } from "./follow";

const span = { offset: 5000, duration: 10_000 };

it("is there only while its file has something", () => {
  expect(follow(span, 4999, 0, 1).present).toBe(false);
  expect(follow(span, 5000, 0, 1).present).toBe(true);
  expect(follow(span, 15_001, 10, 1).present).toBe(false);
});

it("jumps when far off and drifts when near", () => {
  expect(follow(span, 9000, 1, 1)).toEqual({ present: true, seek: 4, rate: 1 });
  expect(follow(span, 9000, 3.9, 1)).toEqual({ present: true, rate: 1.06 });
  expect(follow(span, 9000, 4.1, 2)).toEqual({ present: true, rate: 1.88 });
  expect(follow(span, 9000, 3.99, 1.5)).toEqual({ present: true, rate: 1.5 });
});

it("comes into step from anywhere", () => {
  for (const start of [-0.3, 0.3]) {
    let position = 4 + start;
    for (let clock = 9000; clock < 14_900; clock += 50)
      position += 0.05 * follow(span, clock, position, 1).rate;
    expect(Math.abs(position - (14_900 - 5000) / 1000)).toBeLessThan(0.06);
  }
});

it("lasts as long as its last file", () => {
  expect(lengthOf([span, { offset: 0, duration: 3000 }])).toBe(15_000);
  expect(lengthOf([])).toBe(0);
});

it("waits for a file without data, but not at its end, and not for ever", () => {
  expect(lacks({ readyState: 2, position: 3, end: 10 })).toBe(true);
  expect(lacks({ readyState: 0, position: 0, end: Number.NaN })).toBe(true);
  expect(lacks({ readyState: 2, position: 9.8, end: 10 })).toBe(false);
  expect(lacks({ readyState: 4, position: 3, end: 10 })).toBe(false);
  expect(worthWaiting([1000], 5000)).toBe(true);
  expect(worthWaiting([1000], 9500)).toBe(false);
  expect(worthWaiting([1000, 9000], 9500)).toBe(true);
  expect(worthWaiting([], 9500)).toBe(false);
});

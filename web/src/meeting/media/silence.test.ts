import { describe, expect, it } from "vitest";
import { type Carried, carriedBy, Silence } from "./silence";

/** What happens on a path in each second. */
type Second = Partial<Carried>;
const talk: Second = { bytesIn: 5000, bytesOut: 5000 };
const intoNothing: Second = { bytesOut: 5000 };
const nobodySends: Second = { bytesOut: 100 };
const check: Second = { bytesOut: 100, checks: 1 };
const answered: Second = { ...check, answers: 1 };

const times = <S>(n: number, second: S) => Array.from({ length: n }, () => second);

/** At which seconds another path is looked for. */
function looksAt(seconds: readonly Second[]): number[] {
  const silence = new Silence();
  const carried: Carried = { path: "a", bytesIn: 0, answers: 0, bytesOut: 0, checks: 0 };
  silence.read(0, { ...carried });
  const looks: number[] = [];
  for (const [i, second] of seconds.entries()) {
    if (second.path !== undefined) carried.path = second.path;
    for (const counter of ["bytesIn", "answers", "bytesOut", "checks"] as const)
      carried[counter] += second[counter] ?? 0;
    if (silence.read(1000 * (i + 1), { ...carried })) looks.push(i + 1);
  }
  return looks;
}

describe("another path is looked for", () => {
  it.each<[string, Second[], number[]]>([
    ["never while somebody is heard", times(60, talk), []],
    ["never while nobody sends and checks are answered", times(20, [nobodySends, answered]).flat(), []],
    ["never where browsers check nothing and nobody sends", times(30, nobodySends), []],
    ["never in a gap of a second", times(10, [talk, intoNothing]).flat(), []],
    ["two seconds after what we send goes unanswered", [talk, ...times(4, intoNothing)], [3]],
    ["when checks go unanswered", [talk, nobodySends, ...times(6, check)], [6]],
    ["not for some lost checks", times(9, [...times(3, check), answered, nobodySends]).flat(), []],
    ["again after 5, 10 and 20 seconds", times(40, intoNothing), [2, 7, 17, 37]],
    [
      "as soon as ever on the next path, once that has carried something",
      [talk, ...times(2, intoNothing), { path: "b" }, talk, ...times(6, intoNothing)],
      [3, 8],
    ],
  ])("%s", (_, seconds, expected) => {
    expect(looksAt(seconds)).toEqual(expected);
  });
});

describe("what a path has carried", () => {
  const pair = { type: "candidate-pair", bytesReceived: 10, bytesSent: 20, requestsSent: 7 };

  it("is read from the pair that the transport uses", () => {
    expect(
      carriedBy([
        { type: "transport", id: "t", selectedCandidatePairId: "b" },
        { ...pair, id: "a" },
        { ...pair, id: "b", bytesReceived: 11, responsesReceived: 5 },
      ]),
    ).toEqual({ path: "b", bytesIn: 11, answers: 5, bytesOut: 20, checks: 7 });
  });

  it("is read from the pair that is marked, where nothing is told of transports", () => {
    const report = [
      { ...pair, id: "a" },
      { ...pair, id: "b", selected: true },
    ];
    expect(carriedBy(report)?.path).toBe("b");
    expect(carriedBy([{ ...pair, id: "a" }])).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { comings } from "./comings";
import { fromSnapshot, type Live } from "./state";
import { aSnapshot, aPerson as person } from "./testing/fixtures";

const liveOf = (...participants: ReturnType<typeof person>[]): Live =>
  fromSnapshot(aSnapshot({ me: "me", participants }));

describe("comings", () => {
  const names = (people: readonly { id: string }[]) => people.map((p) => p.id);

  it("tells who came and who left, but not ourselves", () => {
    const before = liveOf(person("me"), person("stays"), person("goes"));
    const now = liveOf(person("me"), person("stays"), person("comes"));
    const { came, left, raised } = comings(before, now);
    expect([names(came), names(left), names(raised)]).toEqual([["comes"], ["goes"], []]);
    expect(names(comings(liveOf(), liveOf(person("me"))).came)).toEqual([]);
  });

  it("tells of a hand once for each time it goes up", () => {
    const down = liveOf(person("me"), person("a"));
    const up = liveOf(person("me"), person("a", { hand_raised_at: "1" }));
    const again = liveOf(person("me"), person("a", { hand_raised_at: "2" }));
    expect(names(comings(down, up).raised)).toEqual(["a"]);
    expect(names(comings(up, up).raised)).toEqual([]);
    expect(names(comings(up, again).raised)).toEqual(["a"]);
    expect(names(comings(up, down).raised)).toEqual([]);
    expect(names(comings(liveOf(person("me")), up).raised)).toEqual(["a"]);
  });
});

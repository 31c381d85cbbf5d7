import { describe, expect, it } from "vitest";
import type { MeetingFrame } from "../link/dispatch";
import type { Participant } from "../wire/messages";
import { apply, fromSnapshot, hands, moderates, seatsFor, streamsOf } from "./state";
import { aPerson, aSnapshot } from "./testing/fixtures";

const person = (id: string, more: Partial<Participant> = {}) =>
  aPerson(id, { joined_at: `2026-11-23T08:00:0${id.length}Z`, ...more });

const snapshot = aSnapshot({ me: "a", participants: [person("bb"), person("a", { role: "host" })] });

const roster = (...participants: Participant[]): MeetingFrame => ({
  type: "roster",
  body: { participants, left: [] },
});

describe("a live meeting", () => {
  it("is in order of arrival and keeps it through changes", () => {
    let live = fromSnapshot(snapshot);
    expect(live.participants.map((p) => p.id)).toEqual(["a", "bb"]);
    live = apply(live, roster(person("ccc")));
    live = apply(live, roster(person("bb", { hand_raised_at: "1" })));
    expect(live.participants.map((p) => p.id)).toEqual(["a", "bb", "ccc"]);
    expect(hands(live).map((p) => p.id)).toEqual(["bb"]);
    live = apply(live, { type: "speaking", body: { participants: ["bb"] } });
    live = apply(live, { type: "roster", body: { participants: [], left: ["bb"] } });
    expect(live.speaking).toEqual([]);
    expect(moderates(live)).toBe(true);
  });

  it("counts a shared screen as a stream of its own, unless it is muted", () => {
    const sharing = (muted: boolean) => person("bb", { sources: [{ source: "screen", live: true, muted }] });
    const live = fromSnapshot({ ...snapshot, participants: [person("a"), sharing(false)] });
    expect(streamsOf(live)).toHaveLength(2);
    const muted = apply(live, roster(sharing(true)));
    expect(streamsOf(muted)).toHaveLength(1);
  });
});

describe("seatsFor", () => {
  it("grows in steps and never shrinks", () => {
    expect(seatsFor(3, 6)).toBe(6);
    expect(seatsFor(7, 6)).toBe(10);
    expect(seatsFor(11, 6)).toBe(14);
    expect(seatsFor(300, 6)).toBe(26);
    expect(seatsFor(2, 14)).toBe(14);
  });
});

import { expect, it } from "vitest";
import type { Block } from "../api/types";
import { resumed, shown, type Writing } from "./blocks";
import { isSettled, useUnsaved } from "./unsaved";

const block = (revision: number, text: string): Block => ({
  id: "b",
  kind: "decision",
  position: 1,
  text,
  owner: "",
  revision,
  updated_at: "",
  updated_by_name: "",
});
const mine = { kind: "decision" as const, text: "mine", owner: "", due: "" };

it("keeps a text until it is saved", () => {
  const { keep } = useUnsaved.getState();
  const kept = () => useUnsaved.getState().byBlock;
  keep({ minutes: "m", block: "b", writing: { phase: "failed", base: block(1, "one"), mine } });
  expect(kept()).toHaveProperty("b.writing.mine.text", "mine");
  keep({ minutes: "m", block: "b", writing: { phase: "saved", base: block(2, "mine") } });
  expect(kept()).toEqual({});
});

it("goes on where the field was left", () => {
  const left: Writing = { phase: "saving", base: block(1, "one"), mine };
  expect(resumed(undefined, block(1, "one"))).toEqual({ phase: "saved", base: block(1, "one") });
  expect(resumed(left, block(1, "one"))).toEqual({ phase: "changed", base: block(1, "one"), mine });
  expect(resumed(left, block(2, "mine")).phase).toBe("saved");
  const clash = resumed(left, block(2, "theirs"));
  expect(clash.phase).toBe("conflict");
  expect(shown(clash).text).toBe("mine");
});

it("is settled when blocks and head are saved", () => {
  const { keep, markHead } = useUnsaved.getState();
  const settled = (minutes: string) => isSettled(useUnsaved.getState(), minutes);
  keep({ minutes: "m", block: "b", writing: { phase: "changed", base: block(1, "one"), mine } });
  markHead("m", "place", false);
  expect([settled("m"), settled("n")]).toEqual([false, true]);
  keep({ minutes: "m", block: "b", writing: { phase: "saved", base: block(2, "mine") } });
  expect(settled("m")).toBe(false);
  markHead("m", "place", true);
  expect(settled("m")).toBe(true);
});

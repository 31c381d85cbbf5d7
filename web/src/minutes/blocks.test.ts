import { describe, expect, it } from "vitest";
import type { Block } from "../api/types";
import { arrived, clashed, contentOf, saved, settled, shown, typed, type Writing } from "./blocks";

const block = (revision: number, text: string): Block => ({
  id: "b",
  kind: "discussion",
  position: 1,
  text,
  owner: "",
  revision,
  updated_at: "",
  updated_by_name: "",
});
const start: Writing = { phase: "saved", base: block(1, "one") };
const write = (writing: Writing, text: string) => typed(writing, { ...shown(writing), text });

describe("a block", () => {
  it("follows the others while nobody writes here", () => {
    const next = arrived(start, block(2, "two"));
    expect(shown(next).text).toBe("two");
    expect(arrived(next, block(1, "one"))).toBe(next);
  });

  it("never overwrites what is being written, nor is overwritten by it", () => {
    const mine = write(start, "mine");
    const both = arrived(mine, block(2, "theirs"));
    expect(both.phase).toBe("conflict");
    expect(shown(both).text).toBe("mine");
    expect(shown(settled(both, "theirs")).text).toBe("theirs");
    const kept = settled(both, "mine");
    expect(kept).toMatchObject({ phase: "changed", base: { revision: 2 }, mine: { text: "mine" } });
    expect(shown(settled(both, "both")).text).toBe("theirs\nmine");
  });

  it("keeps what was typed while it was being saved", () => {
    const mine = write(start, "mine");
    const saving: Writing = { phase: "saving", base: start.base, mine: shown(mine) };
    const more = write(saving, "mine and more");
    const after = saved(more, shown(mine), block(2, "mine"));
    expect(after).toMatchObject({ phase: "changed", base: { revision: 2 }, mine: { text: "mine and more" } });
    // The announcement of our own save may come before its answer.
    expect(arrived(more, block(2, "mine"))).toMatchObject({ phase: "changed", base: { revision: 2 } });
    expect(arrived(more, block(2, "theirs")).phase).toBe("conflict");
    expect(saved(saving, shown(mine), block(2, "mine")).phase).toBe("saved");
  });

  it("shows both when the server refuses", () => {
    const mine = write(start, "mine");
    const clash = clashed(mine, block(3, "theirs"));
    expect(clash).toMatchObject({ phase: "conflict", theirs: { revision: 3 } });
    expect(shown(write(clash, "mine, longer")).text).toBe("mine, longer");
  });

  it("sees its own save coming back as no conflict", () => {
    const mine = write(start, "mine");
    expect(arrived(mine, block(2, "mine")).phase).toBe("saved");
    expect(contentOf(block(2, "mine")).due).toBe("");
  });
});

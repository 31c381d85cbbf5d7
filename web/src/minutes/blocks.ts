import type { Block, BlockKind } from "../api/types";

/** What of a block can be written. */
export interface Content {
  kind: BlockKind;
  text: string;
  owner: string;
  due: string;
}

/** A block's content. */
export function contentOf(block: Block): Content {
  return { kind: block.kind, text: block.text, owner: block.owner, due: block.due ?? "" };
}

/** Whether two contents say the same. */
export function same(a: Content, b: Content): boolean {
  return a.kind === b.kind && a.text === b.text && a.owner === b.owner && a.due === b.due;
}

/** Where one block being written stands. */
export type Writing =
  | { phase: "saved"; base: Block }
  /** Sent: what an earlier save carries that is still on its way. */
  | { phase: "changed"; base: Block; mine: Content; sent?: Content }
  | { phase: "saving"; base: Block; mine: Content }
  | { phase: "failed"; base: Block; mine: Content }
  /** Somebody else saved meanwhile: both versions are shown, nothing is overwritten. */
  | { phase: "conflict"; base: Block; mine: Content; theirs: Block };

/** What is in the field. */
export function shown(writing: Writing): Content {
  return writing.phase === "saved" ? contentOf(writing.base) : writing.mine;
}

/** Where a block stands whose field is shown again, by what was left unsaved of it. */
export function resumed(left: Writing | undefined, block: Block): Writing {
  if (!left || left.phase === "saved") return { phase: "saved", base: block };
  if (left.phase === "conflict") return arrived(left, block);
  return arrived({ phase: "changed", base: left.base, mine: left.mine }, block);
}

/** Somebody types. */
export function typed(writing: Writing, mine: Content): Writing {
  if (writing.phase === "conflict") return { ...writing, mine };
  const sent =
    writing.phase === "saving" ? writing.mine : writing.phase === "changed" ? writing.sent : undefined;
  return { phase: "changed", base: writing.base, mine, ...(sent && { sent }) };
}

/** The block came from the server, because somebody else or we have saved it. */
export function arrived(writing: Writing, block: Block): Writing {
  if (block.revision <= writing.base.revision) return writing;
  if (writing.phase === "saved") return { phase: "saved", base: block };
  if (writing.phase === "conflict") return { ...writing, theirs: block };
  if (same(contentOf(block), writing.mine)) return { phase: "saved", base: block };
  // While saving, the server decides.
  if (writing.phase === "saving") return writing;
  // Our own earlier save, told before it was answered.
  if (writing.phase === "changed" && writing.sent && same(contentOf(block), writing.sent)) {
    return { ...writing, base: block };
  }
  return { phase: "conflict", base: writing.base, mine: writing.mine, theirs: block };
}

/** Our save was taken; what was typed meanwhile still has to go. */
export function saved(writing: Writing, sent: Content, block: Block): Writing {
  if (writing.phase === "saving") return { phase: "saved", base: block };
  if (writing.phase === "changed" && !same(writing.mine, sent)) {
    return { phase: "changed", base: block, mine: writing.mine };
  }
  if (writing.phase === "conflict") return writing;
  return { phase: "saved", base: block };
}

/** Our save met a newer state. */
export function clashed(writing: Writing, theirs: Block): Writing {
  return { phase: "conflict", base: writing.base, mine: shown(writing), theirs };
}

/** How the writer settles a conflict. */
export function settled(writing: Writing, choice: "mine" | "theirs" | "both"): Writing {
  if (writing.phase !== "conflict") return writing;
  const { theirs, mine } = writing;
  if (choice === "theirs") return { phase: "saved", base: theirs };
  const text = choice === "both" ? `${theirs.text}\n${mine.text}` : mine.text;
  return { phase: "changed", base: theirs, mine: { ...mine, text } };
}

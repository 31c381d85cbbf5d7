import { call } from "../api/client";
import type { Block, BlockKind } from "../api/types";
import type { Content } from "./blocks";

/** Adds a block after another one, or at the end. */
export async function addBlock(minutes: string, content: Content, after: string | undefined): Promise<Block> {
  const { due, ...rest } = content;
  const body = { ...rest, ...(due !== "" && { due }), ...(after !== undefined && { after }) };
  return call<Block>("POST", `/minutes/${minutes}/blocks`, body);
}

/** A block in which nothing is written yet. */
export function blank(kind: BlockKind): Content {
  return { kind, text: "", owner: "", due: "" };
}

/** The kinds of blocks in the order in which they are offered. */
export const blockKinds: readonly BlockKind[] = ["agenda", "discussion", "decision", "action"];

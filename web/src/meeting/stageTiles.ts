import { isSending, type Live } from "./state";

/** One tile: a person, or a shared screen. */
export interface StageTile {
  key: string;
  participant: string;
  kind: "person" | "screen";
  self: boolean;
}

export type Mode = "grid" | "speaker";

/** A tile's key stays with the person, so that its video element stays mounted. */
export function tileKey(participant: string, kind: "person" | "screen"): string {
  return `${participant}:${kind}`;
}

/** Every tile there is: shared screens first, then the others, we ourselves last. */
export function tilesOf(live: Live): StageTile[] {
  const screens: StageTile[] = [];
  const people: StageTile[] = [];
  const own: StageTile[] = [];
  for (const p of live.participants) {
    const self = p.id === live.me;
    const person = { key: tileKey(p.id, "person"), participant: p.id, kind: "person" as const, self };
    if (self) own.push(person);
    else people.push(person);
    if (isSending(p, "screen") && !self) {
      screens.push({ key: tileKey(p.id, "screen"), participant: p.id, kind: "screen", self });
    }
  }
  return [...screens, ...people, ...own];
}

/** The tile that is shown large: pinned, else a shared screen, else who speaks, else the first. */
export function mainTile(
  tiles: readonly StageTile[],
  pinned: string | undefined,
  speaker: string | undefined,
): string {
  if (pinned && tiles.some((t) => t.key === pinned)) return pinned;
  const screen = tiles.find((t) => t.kind === "screen");
  if (screen) return screen.key;
  const speaking = tiles.find((t) => t.kind === "person" && !t.self && t.participant === speaker);
  return (speaking ?? tiles.find((t) => !t.self) ?? tiles[0])?.key ?? "";
}

/** The tiles in the order of the speaker view: the large one first. */
export function withMain(tiles: readonly StageTile[], main: string): StageTile[] {
  return [...tiles.filter((t) => t.key === main), ...tiles.filter((t) => t.key !== main)];
}

/** Which mode to show: a shared screen or a pinned tile needs the large place. */
export function modeFor(
  chosen: Mode | "automatic",
  tiles: readonly StageTile[],
  pinned: string | undefined,
): Mode {
  if (pinned && tiles.some((t) => t.key === pinned)) return "speaker";
  if (chosen !== "automatic") return chosen;
  return tiles.some((t) => t.kind === "screen") ? "speaker" : "grid";
}

/** The tiles of one page of the grid, and how many pages there are. */
export function pageOf(
  tiles: readonly StageTile[],
  page: number,
  size: number,
): { tiles: StageTile[]; pages: number } {
  const pages = Math.max(1, Math.ceil(tiles.length / size));
  const at = Math.min(page, pages - 1);
  return { tiles: tiles.slice(at * size, at * size + size), pages };
}

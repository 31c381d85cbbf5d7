import type { Tile } from "../wire/messages";

/** While a window is drawn larger its tiles change with every frame. */
const rest = 200;

/**
 * Tells which tiles are on screen, most important first: at once, and when it
 * rests what changes soon after. Nothing is told twice.
 */
export class OnScreen {
  private readonly tell: (tiles: Tile[]) => boolean;
  private tiles: Tile[] = [];
  private told = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** tell says whether it could. */
  constructor(tell: (tiles: Tile[]) => boolean) {
    this.tell = tell;
  }

  /** Takes the tiles that are on screen now, in lengths of the page. */
  show(tiles: Tile[]): void {
    const sized = tiles.map((tile) => ({
      ...tile,
      width: inPixels(tile.width),
      height: inPixels(tile.height),
    }));
    if (JSON.stringify(sized) === JSON.stringify(this.tiles)) return; // it goes on resting
    this.tiles = sized;
    if (this.timer === undefined) this.say();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.say();
    }, rest);
  }

  /** Whoever was told has forgotten it. */
  again(): void {
    this.told = "";
    this.say();
  }

  /** Nobody is to be told any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.told = "";
  }

  private say(): void {
    const text = JSON.stringify(this.tiles);
    if (text !== this.told && this.tell(this.tiles)) this.told = text;
  }
}

/** A length on the page in pixels of the screen; beyond two for one nobody sees a difference. */
function inPixels(length: number): number {
  return Math.round(length * Math.min(globalThis.devicePixelRatio ?? 1, 2));
}

import type { ScreenMode, Source } from "../../wire/messages";

/** What decides how a source is encoded. */
export interface Demand {
  /** The layers that anybody uses, lowest first; undefined: all. */
  wanted: readonly boolean[] | undefined;
  /** The codec that the node's answer put first, such as "video/VP8". */
  codec: string | undefined;
  /** Whether the browser can send layers in one stream: Firefox knows no scalability modes, and sends three. */
  layers: boolean;
  mode: ScreenMode;
}

/** An encoding as far as it is ours to set. */
export type Encoding = Pick<
  RTCRtpEncodingParameters,
  "rid" | "active" | "maxBitrate" | "maxFramerate" | "scaleResolutionDownBy" | "priority"
> & { scalabilityMode?: string };

/** Three layers of the camera; the node forwards to each receiver the one that fits. */
const cameraLayers: Encoding[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 160_000, maxFramerate: 15, scalabilityMode: "L1T3" },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 550_000, maxFramerate: 30, scalabilityMode: "L1T3" },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_700_000, maxFramerate: 30, scalabilityMode: "L1T3" },
];

const screens: { [M in ScreenMode]: Encoding } = {
  text: { maxBitrate: 2_500_000, maxFramerate: 15 },
  motion: { maxBitrate: 3_500_000, maxFramerate: 30 },
};

/** How a source is encoded before anything is known. */
export function firstEncodings(source: Source): Encoding[] {
  switch (source) {
    case "microphone":
      return [{ maxBitrate: 40_000, priority: "high" }];
    case "screen-audio":
      return [{ maxBitrate: 96_000 }];
    case "screen":
      return [screens.text];
    case "camera":
      return cameraLayers;
  }
}

/** How the camera or the screen is to be encoded now. */
export function encodingsOf(source: "camera" | "screen", demand: Demand): Encoding[] {
  const wants = (i: number) => demand.wanted?.[i] ?? true;
  const any = demand.wanted === undefined || demand.wanted.some(Boolean);
  if (source === "screen") return [{ ...screens[demand.mode], active: any }];
  if (!demand.layers || !layered(demand.codec))
    return cameraLayers.map((layer, i) => ({ ...layer, active: wants(i) }));
  return cameraLayers.map((layer, i) =>
    i === 0 ? inOneStream(layer, demand.wanted) : { ...layer, active: false },
  );
}

/** Whether a codec carries its layers in one stream, at less cost than three. */
function layered(codec: string | undefined): boolean {
  return /^video\/(vp9|av1)$/i.test(codec ?? "");
}

/** All layers up to the highest one wanted, in the first encoding. */
function inOneStream(first: Encoding, wanted: readonly boolean[] | undefined): Encoding {
  const highest = wanted ? wanted.lastIndexOf(true) : 2;
  if (highest < 0) return { ...first, active: false };
  return {
    rid: first.rid ?? "q",
    active: true,
    maxFramerate: 30,
    scaleResolutionDownBy: 2 ** (2 - highest),
    maxBitrate: [160_000, 600_000, 1_900_000][highest] ?? 1_900_000,
    scalabilityMode: highest === 0 ? "L1T3" : `L${highest + 1}T3_KEY`,
  };
}

/** Writes what is to be into a sender's own parameters; false when they say it already. */
export function write(into: RTCRtpEncodingParameters[], wanted: readonly Encoding[]): boolean {
  let changed = false;
  for (const [i, encoding] of into.entries()) {
    for (const [name, value] of Object.entries(wanted[i] ?? {})) {
      if (name === "rid" || Reflect.get(encoding, name) === value) continue;
      Reflect.set(encoding, name, value);
      changed = true;
    }
  }
  return changed;
}

/** The losses from which sounds repeat one, two, three of those before them. */
const steps = [0.02, 0.1, 0.2];
/** So many readings count: one of a second is a few dozen sounds. */
const readings = 5;

/** Decides from the loss the node reports how many sounds before them ours repeat (RFC 2198). */
export class Redundancy {
  private recent: number[] = [];

  /** Takes one reading, 0 to 1; returns how many to repeat. */
  read(loss: number): number {
    this.recent = [...this.recent.slice(1 - readings), loss];
    const worst = Math.max(...this.recent);
    return steps.filter((step) => worst >= step).length;
  }
}

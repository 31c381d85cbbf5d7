import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Page } from "@playwright/test";

/** What a path does to the packets of one direction. */
export interface Conditions {
  /** Share of packets lost, 0 to 1. */
  loss: number;
  /** How many packets are lost in a row, on average. */
  burst: number;
  /** One way, in milliseconds. */
  delay: number;
  /** Bits per second. */
  rate: number;
  /** Milliseconds; what would wait longer for its turn is lost. */
  queue: number;
}

const fine: Conditions = { loss: 0, burst: 1, delay: 0, rate: Number.POSITIVE_INFINITY, queue: 400 };

/**
 * BadPath carries the datagrams between one browser and the hub, and treats them
 * as a bad network would: the same way for the same seed, and never reordered.
 */
export class BadPath {
  readonly up = new Direction(1);
  readonly down = new Direction(2);
  private front: Socket | undefined;
  private back: Socket | undefined;

  /** Opens the path to the hub's port on this machine; returns the port browsers send to. */
  async open(hub: number): Promise<number> {
    this.close();
    const front = await bound();
    const back = await bound();
    let browser: RemoteInfo | undefined;
    front.on("message", (packet, from) => {
      browser = from;
      this.up.carry(packet.length, () => back.send(packet, hub, "127.0.0.1"));
    });
    back.on("message", (packet) => {
      this.down.carry(packet.length, () => {
        if (browser) front.send(packet, browser.port, browser.address);
      });
    });
    this.front = front;
    this.back = back;
    return front.address().port;
  }

  /** Changes both directions. */
  set(conditions: Partial<Conditions>): void {
    this.up.set(conditions);
    this.down.set(conditions);
  }

  close(): void {
    for (const socket of [this.front, this.back]) socket?.removeAllListeners("message").close();
    this.front = undefined;
    this.back = undefined;
  }
}

class Direction {
  private conditions = fine;
  private random: () => number;
  private losing = 0;
  /** When the bottleneck is free again, and when the last packet arrives, in ms. */
  private free = 0;
  private last = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  set(conditions: Partial<Conditions>): void {
    this.conditions = { ...this.conditions, ...conditions };
  }

  /** Delivers a packet of this size in its time, or not at all. */
  carry(size: number, deliver: () => void): void {
    const now = performance.now();
    const { delay, rate, queue } = this.conditions;
    if (this.loses()) return;
    const start = Math.max(now, this.free);
    if (start - now > queue) return;
    this.free = start + (size * 8000) / rate;
    this.last = Math.max(this.last, this.free + delay);
    const wait = this.last - now;
    const closed = () => undefined; // the path was closed meanwhile
    const send = () => {
      try {
        deliver();
      } catch {
        closed();
      }
    };
    if (wait < 1) send();
    else setTimeout(send, wait);
  }

  private loses(): boolean {
    const { loss, burst } = this.conditions;
    if (this.losing > 0) {
      this.losing--;
      return true;
    }
    // Bursts begin so often that their share of all packets is the loss.
    const begin = loss / (burst * (1 - loss) + loss);
    if (this.random() >= begin) return false;
    this.losing = burst - 1;
    return true;
  }
}

function bound(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", () => {
      socket.setRecvBufferSize(1 << 20);
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}

/** A small generator (mulberry32): the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The name under which a page reaches its path. */
export const opener = "__badPath";

/** Set in a page, it leaves the ways over TCP beside the path. */
export const besideStreams = "__badPathBesideStreams";

/**
 * What a page runs before its own script: it sends the connection's packets over
 * the path instead of straight to the hub, and leaves only that one.
 */
export function detour(name: string): void {
  const applied: (description: RTCSessionDescriptionInit) => Promise<void> =
    RTCPeerConnection.prototype.setRemoteDescription;
  const seen = new Map<string, Promise<number>>();
  const open = Reflect.get(window, name) as (hub: number) => Promise<number>;
  const streams = Reflect.has(window, `${name}BesideStreams`);
  RTCPeerConnection.prototype.setRemoteDescription = async function (
    this: RTCPeerConnection,
    description: RTCSessionDescriptionInit,
  ) {
    const sdp = description?.sdp ?? "";
    const hub = /^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/im.exec(sdp)?.[1];
    if (description?.type !== "answer" || !hub) return applied.call(this, description);
    // Another network, another path: an ICE restart gets one of its own.
    const ufrag = /^a=ice-ufrag:(\S+)/m.exec(this.localDescription?.sdp ?? "")?.[1] ?? "";
    const port = await (seen.get(ufrag) ?? seen.set(ufrag, open(Number(hub))).get(ufrag));
    const lines = sdp
      .split("\r\n")
      .filter((line) => {
        if (/^a=candidate:\S+ \d tcp /i.test(line)) return streams;
        return !line.startsWith("a=candidate:") || line.includes(` 127.0.0.1 ${hub} typ host`);
      })
      .map((line) => line.replace(` 127.0.0.1 ${hub} typ`, ` 127.0.0.1 ${port} typ`));
    return applied.call(this, { type: "answer", sdp: lines.join("\r\n") });
  };
}

/** Sends a page's media over a path that can be made bad; before the page is opened. */
export async function badPath(page: Page): Promise<BadPath> {
  const path = new BadPath();
  await page.exposeFunction(opener, (hub: number) => path.open(hub));
  await page.addInitScript(detour, opener);
  page.on("close", () => path.close());
  return path;
}

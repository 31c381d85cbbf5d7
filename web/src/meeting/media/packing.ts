/** How many sounds before it a packet repeats at most; the node reads no more. */
export const mostCopies = 3;

const blockHeader = 4;
const largestOffset = 2 ** 14 - 1;
/** Larger ones are not worth repeating; a block's header could state 1023. */
const largestKept = 400;
/** Stands for Opus: only the session description knows its number. */
const blockType = 0;

interface Sound {
  timestamp: number;
  data: Uint8Array;
}

/**
 * Packs the encoded sounds of one stream together with those before them, laid
 * out as RFC 2198 says. Losing a packet then costs nothing.
 */
export class Packer {
  /** Newest first. */
  private past: Sound[] = [];

  /**
   * The payload of this sound with up to so many before it, or as it is where none
   * is to be repeated: the node tells the two apart. The timestamp is RTP's.
   */
  pack(timestamp: number, payload: ArrayBuffer, copies: number): ArrayBuffer {
    const data = new Uint8Array(payload.slice(0)); // it outlives the browser's frame
    const repeated = this.repeated(timestamp, Math.min(copies, mostCopies));
    this.keep({ timestamp, data });
    if (copies === 0) return payload;
    const size = repeated.reduce((sum, s) => sum + blockHeader + s.data.length, 1 + data.length);
    const out = new Uint8Array(size);
    const view = new DataView(out.buffer);
    let at = 0;
    for (const s of repeated) {
      const offset = (timestamp - s.timestamp) >>> 0;
      // F bit, type, offset of 14 bits, length of 10.
      view.setUint32(at, (((0x80 | blockType) << 24) | (offset << 10) | s.data.length) >>> 0);
      at += blockHeader;
    }
    out[at++] = blockType;
    for (const s of [...repeated.map((r) => r.data), data]) {
      out.set(s, at);
      at += s.length;
    }
    return out.buffer;
  }

  /** Those before a sound that can be described, oldest first. */
  private repeated(timestamp: number, copies: number): Sound[] {
    const list: Sound[] = [];
    for (const s of this.past.slice(0, copies)) {
      const offset = (timestamp - s.timestamp) >>> 0;
      if (offset === 0 || offset > largestOffset) break;
      list.unshift(s);
    }
    return list;
  }

  private keep(sound: Sound): void {
    if (sound.data.length > largestKept) this.past = [];
    else this.past = [sound, ...this.past.slice(0, mostCopies - 1)];
  }
}

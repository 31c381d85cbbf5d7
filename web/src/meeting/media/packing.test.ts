import { describe, expect, it } from "vitest";
import { mostCopies, Packer } from "./packing";

const sound = (...bytes: number[]) => new Uint8Array(bytes).buffer;
const hex = (b: ArrayBuffer) => [...new Uint8Array(b)].map((n) => n.toString(16).padStart(2, "0")).join(" ");

describe("Packer", () => {
  it("leaves sounds as they are while none is to be repeated, but remembers them", () => {
    const p = new Packer();
    expect(hex(p.pack(960, sound(1, 2), 0))).toBe("01 02");
    expect(hex(p.pack(1920, sound(3), 1))).toBe("80 0f 00 02 00 01 02 03");
  });

  it("puts one zero byte before a sound with nothing before it", () => {
    const p = new Packer();
    expect(hex(p.pack(960, sound(1, 2), 2))).toBe("00 01 02");
    expect(hex(new Packer().pack(1920, sound(), 1))).toBe("00");
  });

  it("repeats those before, oldest first, with what RFC 2198 says of each", () => {
    const p = new Packer();
    p.pack(960, sound(0xa1), 3);
    p.pack(1920, sound(0xb1, 0xb2), 3);
    // 960 is 3c0: shifted by ten bits 0f0000, and the length; 1920 is 780.
    expect(hex(p.pack(2880, sound(0xc1), 3))).toBe("80 1e 00 01 80 0f 00 02 00 a1 b1 b2 c1");
    expect(hex(p.pack(3840, sound(0xd1), 1))).toBe("80 0f 00 01 00 c1 d1");
  });

  it("repeats no more than the node reads, and nothing it cannot describe", () => {
    const p = new Packer();
    for (let n = 0; n < 6; n++) p.pack(n * 960, sound(n), 9);
    expect(p.pack(6 * 960, sound(6), 9).byteLength).toBe(1 + mostCopies * 5 + 1);
    expect(hex(p.pack(6 * 960 + 20_000, sound(7), 9))).toBe("00 07"); // after a pause
    p.pack(40_000, new ArrayBuffer(500), 9);
    expect(hex(p.pack(40_960, sound(9), 9))).toBe("00 09");
  });

  it("counts over the end of the timestamps", () => {
    const p = new Packer();
    p.pack(2 ** 32 - 480, sound(1), 1);
    expect(hex(p.pack(480, sound(2), 1))).toBe("80 0f 00 01 00 01 02");
  });
});

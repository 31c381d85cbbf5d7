import { describe, expect, it } from "vitest";
import { encodingsOf, firstEncodings, Redundancy, write } from "./encodings";

const vp8 = { codec: "video/VP8", mode: "text", layers: true } as const;

describe("encodingsOf", () => {
  it("sends the layers that anybody uses", () => {
    const active = (wanted: boolean[] | undefined) =>
      encodingsOf("camera", { ...vp8, wanted }).map((e) => e.active);
    expect(active(undefined)).toEqual([true, true, true]);
    expect(active([true, false, true])).toEqual([true, false, true]);
    expect(active([false, false, false])).toEqual([false, false, false]);
  });

  it("puts the layers into one stream where the codec can", () => {
    const first = (wanted: boolean[] | undefined) =>
      encodingsOf("camera", { ...vp8, codec: "video/AV1", wanted });
    expect(first(undefined).map((e) => e.active)).toEqual([true, false, false]);
    expect(first(undefined)[0]).toMatchObject({ scalabilityMode: "L3T3_KEY", scaleResolutionDownBy: 1 });
    expect(first([true, true, false])[0]).toMatchObject({
      scalabilityMode: "L2T3_KEY",
      scaleResolutionDownBy: 2,
    });
    expect(first([true, false, false])[0]).toMatchObject({
      scalabilityMode: "L1T3",
      scaleResolutionDownBy: 4,
    });
    expect(first([false, false, false])[0]).toMatchObject({ active: false });
  });

  it("sends them one by one where the browser cannot", () => {
    const vp9 = { ...vp8, codec: "video/VP9", layers: false, wanted: [false, true, true] };
    expect(encodingsOf("camera", vp9).map((e) => [e.active, e.scaleResolutionDownBy])).toEqual([
      [false, 4],
      [true, 2],
      [true, 1],
    ]);
  });

  it("shares text slowly and motion quickly, or nothing", () => {
    expect(encodingsOf("screen", { ...vp8, wanted: undefined })[0]).toMatchObject({
      active: true,
      maxFramerate: 15,
    });
    expect(encodingsOf("screen", { ...vp8, mode: "motion", wanted: [true] })[0]).toMatchObject({
      maxFramerate: 30,
    });
    expect(encodingsOf("screen", { ...vp8, wanted: [false] })[0]).toMatchObject({ active: false });
  });
});

describe("write", () => {
  it("says whether anything changed", () => {
    const into = firstEncodings("camera").map((e) => ({ ...e })) as RTCRtpEncodingParameters[];
    const demand = { ...vp8, wanted: [true, false, false] };
    expect(write(into, encodingsOf("camera", demand))).toBe(true);
    expect(into.map((e) => e.active)).toEqual([true, false, false]);
    expect(write(into, encodingsOf("camera", demand))).toBe(false);
  });
});

describe("Redundancy", () => {
  it("begins at once and ends after calm", () => {
    const r = new Redundancy();
    expect([0, 0.01, 0.03, 0.12, 0, 0.25, 0, 0, 0, 0, 0].map((loss) => r.read(loss))).toEqual([
      0, 0, 1, 2, 2, 3, 3, 3, 3, 3, 0,
    ]);
  });
});

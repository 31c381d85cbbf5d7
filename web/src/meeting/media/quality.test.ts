import { describe, expect, it } from "vitest";
import { type Counters, countersOf, judge, steady } from "./quality";

const still: Counters = {
  received: 0,
  lost: 0,
  sentLoss: 0,
  soundLoss: 0,
  roundTrip: 0,
  freezes: 0,
  uplink: 0,
};

describe("judge", () => {
  it.each([
    ["all well", { received: 1000, lost: 5, roundTrip: 0.2 }, "good", undefined],
    ["some loss on the way to us", { received: 950, lost: 50 }, "weak", "loss_down"],
    ["much loss on the way to us", { received: 800, lost: 200 }, "poor", "loss_down"],
    ["loss on the way from us", { received: 1000, sentLoss: 0.06 }, "weak", "loss_up"],
    ["long delay", { received: 1000, roundTrip: 1.2 }, "poor", "delay"],
    ["pictures stand still", { received: 1000, freezes: 3 }, "weak", "freeze"],
    ["too little to judge", { received: 2, lost: 8 }, "good", undefined],
  ] as const)("%s", (_, counters, quality, cause) => {
    expect(judge(still, { ...still, ...counters })).toEqual(cause ? { quality, cause } : { quality });
  });
});

describe("steady", () => {
  it("does not flicker", () => {
    expect(steady("good", ["poor"])).toBe("good");
    expect(steady("good", ["poor", "weak"])).toBe("weak");
    expect(steady("poor", ["good", "good"])).toBe("poor");
    expect(steady("poor", ["good", "weak", "good"])).toBe("weak");
  });
});

describe("countersOf", () => {
  it("sums what a browser reports and ignores the rest", () => {
    const report = [
      { type: "inbound-rtp", packetsReceived: 10, packetsLost: 1 },
      { type: "inbound-rtp", packetsReceived: 5, packetsLost: 0, freezeCount: 2 },
      { type: "remote-inbound-rtp", fractionLost: 0.2 },
      { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.1 },
      { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
      { type: "codec" },
    ];
    expect(countersOf(report)).toEqual({
      received: 15,
      lost: 1,
      sentLoss: 0.2,
      soundLoss: 0,
      roundTrip: 0.1,
      freezes: 2,
      uplink: 0,
    });
  });
});

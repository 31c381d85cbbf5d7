import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Lifeline } from "./lifeline";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Remedies that note when they were called for, in seconds. */
function start() {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const restarts: number[] = [];
  const anew: number[] = [];
  const lifeline = new Lifeline({
    restart: async () => void restarts.push(seconds()),
    beginAnew: () => {
      anew.push(seconds());
      lifeline.changed("new");
    },
  });
  return { lifeline, restarts, anew };
}

describe("a connection that does not come about", () => {
  it("gives way to another after 4 s, and that after half as long again, up to 20 s", () => {
    const { lifeline, restarts, anew } = start();
    lifeline.changed("new");
    vi.advanceTimersByTime(60_000);
    expect(anew).toEqual([4, 10, 19, 32.5, 52.5]);
    expect(restarts).toEqual([]);
    lifeline.stop();
    vi.advanceTimersByTime(60_000);
    expect(anew).toHaveLength(5);
  });

  it("is given the time from its last step, and the first patience again after one that came about", () => {
    const { lifeline, anew } = start();
    lifeline.changed("new");
    vi.advanceTimersByTime(3000);
    lifeline.changed("connecting");
    vi.advanceTimersByTime(4000);
    expect(anew).toEqual([7]);
    lifeline.changed("connected");
    vi.advanceTimersByTime(60_000);
    expect(anew).toEqual([7]);
    lifeline.changed("connecting");
    vi.advanceTimersByTime(4000);
    expect(anew).toEqual([7, 71]);
    lifeline.stop();
  });
});

describe("a connection that is lost", () => {
  it("looks for another path at once when it has failed, and after two seconds without one", () => {
    const { lifeline, restarts } = start();
    lifeline.changed("disconnected");
    vi.advanceTimersByTime(1000);
    lifeline.changed("connected");
    vi.advanceTimersByTime(5000);
    expect(restarts).toEqual([]);
    lifeline.changed("disconnected");
    vi.advanceTimersByTime(2000);
    lifeline.changed("failed");
    expect(restarts).toEqual([8, 8]);
    lifeline.stop();
  });

  it("looks for another path when nothing is heard on it, until it is not watched any more", async () => {
    const { lifeline, restarts } = start();
    let bytesReceived = 0;
    const pair = () => ({ id: "p", type: "candidate-pair", selected: true, bytesReceived });
    let sent = 0;
    const connection = {
      connectionState: "connected",
      getStats: async () => {
        sent += 5000;
        return new Map([["p", { ...pair(), bytesSent: sent }]]);
      },
    };
    lifeline.watch(connection as unknown as RTCPeerConnection);
    for (let i = 0; i < 8; i++) {
      bytesReceived++;
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(restarts).toEqual([]);
    await vi.advanceTimersByTimeAsync(3000);
    expect(restarts).toEqual([6]);
    connection.connectionState = "disconnected";
    await vi.advanceTimersByTimeAsync(20_000);
    expect(restarts).toEqual([6]); // that state is heard of by itself
    connection.connectionState = "connected";
    lifeline.stop();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(restarts).toEqual([6]);
  });
});

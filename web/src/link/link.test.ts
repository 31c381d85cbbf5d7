import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Disconnected, Refusal } from "./answers";
import { backoff, longest } from "./backoff";
import { createLink, parse, type Socket } from "./link";

class Wire implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: { type: string; id?: string; body: { resume?: string } }[] = [];
  closed = false;
  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    this.closed = true;
  }
  receive(type: string, body: unknown, re?: string) {
    this.onmessage?.({ data: JSON.stringify({ type, body, re }) });
  }
  welcome(session: string) {
    this.onopen?.();
    this.receive("welcome", { version: 3, session, rooms: [], online: [] });
  }
}

const start = () => {
  const wires: Wire[] = [];
  const open = () => {
    const wire = new Wire();
    wires.push(wire);
    return wire;
  };
  const link = createLink({ as: "account", open, random: () => 0.5 });
  const wire = (n: number) => wires[n] ?? expect.fail(`no connection number ${n}`);
  return { link, wire, count: () => wires.length };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("link", () => {
  it("says hello, and resumes the session after a loss", () => {
    const { link, wire } = start();
    wire(0).welcome("s1");
    expect(link.state.getState().phase).toBe("open");
    expect(wire(0).sent[0]).toEqual({ type: "hello", body: { version: 3, as: "account" } });
    wire(0).onclose?.();
    expect(link.state.getState()).toMatchObject({ phase: "waiting", attempt: 0 });
    vi.advanceTimersByTime(300);
    wire(1).welcome("s2");
    expect(wire(1).sent[0]?.body.resume).toBe("s1");
    link.close();
  });

  it("matches answers to requests, and refusals too", async () => {
    const { link, wire } = start();
    wire(0).welcome("s1");
    const knock = link.request("knock", { room: "r" });
    const lock = link.request("lock", { locked: true });
    wire(0).receive("error", { code: "forbidden", message: "no" }, wire(0).sent[2]?.id);
    wire(0).receive("knocked", { admitted: true, live: true }, wire(0).sent[1]?.id);
    expect(await knock).toEqual({ admitted: true, live: true });
    await expect(lock).rejects.toMatchObject({ code: "forbidden" });
    await expect(lock).rejects.toBeInstanceOf(Refusal);
    link.close();
  });

  it("fails what was under way when the connection is lost, and what is asked without one", async () => {
    const { link, wire } = start();
    wire(0).welcome("s1");
    const leave = link.request("leave", {});
    wire(0).onclose?.();
    await expect(leave).rejects.toBeInstanceOf(Disconnected);
    await expect(link.request("leave", {})).rejects.toBeInstanceOf(Disconnected);
    link.close();
  });

  it("asks after silence and gives up when nothing comes", () => {
    const { link, wire, count } = start();
    wire(0).welcome("s1");
    vi.advanceTimersByTime(12_000);
    expect(wire(0).sent.at(-1)?.type).toBe("ping");
    wire(0).receive("pong", { now: "" });
    vi.advanceTimersByTime(11_000);
    expect(link.state.getState().phase).toBe("open");
    vi.advanceTimersByTime(10_000);
    expect(wire(0).closed).toBe(true);
    vi.advanceTimersByTime(longest);
    expect(count()).toBeGreaterThan(1);
    link.close();
  });

  it("tries at once when the network is back", () => {
    const { link, wire, count } = start();
    wire(0).onclose?.();
    link.nudge();
    expect(count()).toBe(2);
    link.close();
  });

  it("stops for good when it is not let in", () => {
    const { link, wire, count } = start();
    wire(0).receive("error", { code: "unauthorized", message: "no cookie" });
    expect(link.state.getState()).toEqual({ phase: "closed", reason: "unauthorized" });
    vi.advanceTimersByTime(120_000);
    expect(count()).toBe(1);
  });
});

describe("parse", () => {
  it("ignores what is no frame", () => {
    for (const data of ["", "null", "[]", '{"type":1}', "{", new ArrayBuffer(2)])
      expect(parse(data)).toBeUndefined();
  });
});

describe("backoff", () => {
  it("grows to its ceiling and never waits nothing", () => {
    for (let attempt = 0; attempt < 40; attempt++) {
      const wait = backoff(attempt, attempt / 40);
      expect(wait).toBeGreaterThanOrEqual(150);
      expect(wait).toBeLessThanOrEqual(longest);
    }
  });
});

import { i18n } from "@lingui/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useToasts } from "../ui/toast";
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
  welcome(session: string, node?: string) {
    this.onopen?.();
    this.receive("welcome", { version: 4, session, rooms: [], online: [], node });
  }
}

const start = () => {
  const wires: Wire[] = [];
  const asked: (string | undefined)[] = [];
  const open = (node?: string) => {
    const wire = new Wire();
    wires.push(wire);
    asked.push(node);
    return wire;
  };
  const link = createLink({ as: "account", open, random: () => 0.5 });
  const wire = (n: number) => wires[n] ?? expect.fail(`no connection number ${n}`);
  return { link, wire, asked, count: () => wires.length };
};

beforeEach(() => {
  i18n.loadAndActivate({ locale: "en", messages: {} });
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
    expect(wire(0).sent[0]).toEqual({ type: "hello", body: { version: 4, as: "account" } });
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

  it("says that it was too much at once, but not twice, nor where somebody else does", async () => {
    const { link, wire } = start();
    wire(0).welcome("s1");
    const ring = link.request("ring", { room: "r", people: [] } as never);
    wire(0).receive("error", { code: "rate", message: "slower" }, wire(0).sent[1]?.id);
    await expect(ring).rejects.toMatchObject({ code: "rate" });
    expect(useToasts.getState().shown).toEqual([]);
    link.send("hand", { raised: true });
    wire(0).receive("error", { code: "rate", message: "slower" });
    wire(0).receive("error", { code: "rate", message: "slower" });
    expect(useToasts.getState().shown).toHaveLength(1);
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

describe("several nodes", () => {
  it("opens the socket of another node at once, and comes back to it until told to forget it", async () => {
    const { link, wire, asked } = start();
    wire(0).welcome("s1", "a");
    const under = link.request("knock", { room: "r" });
    wire(0).receive("error", { code: "elsewhere", message: "", node: "b" }, wire(0).sent[1]?.id);
    await expect(under).rejects.toMatchObject({ code: "elsewhere", node: "b" });
    link.moveTo("b");
    expect(wire(0).closed).toBe(true);
    wire(1).welcome("s2", "b");
    wire(1).onclose?.();
    vi.advanceTimersByTime(300);
    wire(2).welcome("s3", "b");
    link.forget();
    expect(link.state.getState().phase).toBe("open");
    wire(2).onclose?.();
    vi.advanceTimersByTime(300);
    expect(asked).toEqual([undefined, "b", "b", undefined]);
    link.close();
  });

  it("stays at the node of the moment, where nodes have names", () => {
    const { link, wire, asked } = start();
    link.stay();
    wire(0).welcome("s1");
    link.stay();
    wire(0).onclose?.();
    vi.advanceTimersByTime(300);
    wire(1).welcome("s2", "a");
    link.stay();
    wire(1).onclose?.();
    vi.advanceTimersByTime(300);
    expect(asked).toEqual([undefined, undefined, "a"]);
    link.close();
  });

  it("takes any node when the one asked for does not answer, and asks it again after longer and longer", () => {
    const { link, wire, asked } = start();
    wire(0).welcome("s1", "a");
    link.moveTo("gone");
    wire(1).onclose?.();
    vi.advanceTimersByTime(300);
    wire(2).welcome("s2", "a");
    link.moveTo("gone");
    expect(link.state.getState().phase).toBe("waiting");
    vi.advanceTimersByTime(300);
    wire(3).welcome("s3", "a"); // there is no way there: it serves us itself
    link.moveTo("gone");
    vi.advanceTimersByTime(400);
    expect(asked).toEqual([undefined, "gone", undefined, "gone"]);
    vi.advanceTimersByTime(200);
    wire(4).welcome("s4", "gone"); // it is back
    link.moveTo("b");
    expect(asked).toEqual([undefined, "gone", undefined, "gone", "gone", "b"]);
    link.close();
  });

  it("moves nowhere when it is closed", () => {
    const { link, count } = start();
    link.close();
    link.moveTo("b");
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

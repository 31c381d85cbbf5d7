import { describe, expect, it } from "vitest";
import { createLink, type Socket } from "../link/link";
import type { Call, CallOutcome } from "../wire/messages";
import { incomingOf, outgoingOf, resultOf } from "./state";
import { createCalls } from "./store";

const person = (id: string) => ({ id, kind: "account" as const, name: id });

const call = (
  version: number,
  by: string,
  people: { [id: string]: CallOutcome },
  more?: Partial<Call>,
): Call => ({
  id: "c1",
  room: "r1",
  by: person(by),
  version,
  started_at: "2026-11-25T07:00:00Z",
  rings_until: "2026-11-25T07:00:45Z",
  people: Object.entries(people).map(([id, state]) => ({ person: person(id), state })),
  ...more,
});

class Wire implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: { type: string; id?: string }[] = [];
  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {}
  receive(type: string, body: unknown, re?: string) {
    this.onmessage?.({ data: JSON.stringify({ type, body, re }) });
  }
}

const start = () => {
  const wire = new Wire();
  const link = createLink({ as: "account", open: () => wire });
  const calls = createCalls(link);
  const welcome = () => {
    wire.onopen?.();
    wire.receive("welcome", { version: 2, session: "s", me: person("me"), rooms: [], online: [] });
  };
  welcome();
  return { wire, link, calls, welcome };
};

describe("calls", () => {
  it("ring until they are answered, here or elsewhere", () => {
    const { calls, link } = start();
    calls.take({ type: "rung", body: { call: call(1, "lin", { me: "ringing" }) } });
    expect(incomingOf(calls.store.getState())?.id).toBe("c1");
    calls.take({ type: "call_changed", body: { call: call(3, "lin", { me: "accepted" }) } });
    expect(incomingOf(calls.store.getState())).toBeUndefined();
    calls.take({ type: "rung", body: { call: call(2, "lin", { me: "ringing" }) } });
    expect(incomingOf(calls.store.getState())).toBeUndefined();
    link.close();
  });

  it("forget after a pause what may have ended meanwhile", () => {
    const { calls, link, welcome } = start();
    calls.take({ type: "rung", body: { call: call(1, "lin", { me: "ringing" }) } });
    welcome();
    expect(incomingOf(calls.store.getState())).toBeUndefined();
    link.close();
  });

  it("lead the device that rang into the meeting, once", async () => {
    const { calls, link, wire } = start();
    const led: string[] = [];
    calls.onAnswered((room) => led.push(room));
    const ringing = calls.ring("r1", []);
    wire.receive(
      "ringing",
      { call: call(1, "me", { lin: "ringing", weiss: "ringing" }) },
      wire.sent.at(-1)?.id,
    );
    await ringing;
    expect(outgoingOf(calls.store.getState())?.version).toBe(1);
    const answered = { answered_at: "2026-11-25T07:00:10Z" };
    calls.take({
      type: "call_changed",
      body: { call: call(2, "me", { lin: "accepted", weiss: "ringing" }, answered) },
    });
    calls.take({
      type: "call_changed",
      body: { call: call(3, "me", { lin: "accepted", weiss: "declined" }, answered) },
    });
    expect(led).toEqual(["r1"]);
    calls.dismiss("c1");
    expect(outgoingOf(calls.store.getState())).toBeUndefined();
    link.close();
  });

  it("are shown only on the device that rang", () => {
    const { calls, link } = start();
    calls.take({ type: "call_changed", body: { call: call(1, "me", { lin: "ringing" }) } });
    expect(outgoingOf(calls.store.getState())).toBeUndefined();
    link.close();
  });
});

describe("resultOf", () => {
  it("says how a call went as a whole", () => {
    const of = (...states: CallOutcome[]) => resultOf(states.map((state) => ({ state })));
    expect(of("declined", "accepted", "ringing")).toBe("answered");
    expect(of("declined", "ringing")).toBe("ringing");
    expect(of("missed", "cancelled")).toBe("cancelled");
    expect(of("declined", "missed")).toBe("missed");
    expect(of("declined", "busy")).toBe("declined");
    expect(of("busy")).toBe("busy");
  });
});

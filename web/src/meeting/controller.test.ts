import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dispatch } from "../link/dispatch";
import { fakeNode } from "../link/testing/fakeNode";
import type { Tile } from "../wire/messages";
import { Meeting } from "./controller";
import { LocalMedia } from "./media/local";
import { fromSnapshot } from "./state";
import { fakeConnections } from "./testing/fakeConnection";
import { aPerson, aSnapshot } from "./testing/fixtures";

function start() {
  const node = fakeNode();
  const meeting = new Meeting(node.link, "r", new LocalMedia());
  node.link.listen((frame) =>
    dispatch(frame, { meeting: (f) => meeting.take(f), rooms: () => undefined, changed: () => undefined }),
  );
  const at = () => meeting.store.getState().at;
  const end = () => {
    meeting.close();
    node.link.close();
  };
  return { node, meeting, at, end };
}

const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};
const want = { microphone: true, camera: false };

describe("the way into a meeting", () => {
  it("leads through the lobby, and says whether the meeting has begun", async () => {
    const { node, meeting, at, end } = start();
    node.welcome();
    void meeting.enter(want);
    await settle();
    await node.answer("knock", "knocked", { admitted: false, live: false, ice_servers: [] });
    expect(at()).toEqual({ phase: "waiting", live: false });
    node.say("refused", { room: "other" });
    expect(at().phase).toBe("waiting");
    node.say("refused", { room: "r" });
    expect(at()).toEqual({ phase: "left", reason: "refused" });
    end();
  });

  it("knocks again when the link is back", async () => {
    const { node, meeting, at, end } = start();
    void meeting.enter(want);
    await settle();
    expect(node.sent.filter((f) => f.type === "knock")).toHaveLength(0);
    expect(at().phase).toBe("knocking");
    node.welcome();
    await settle();
    expect(node.sent.filter((f) => f.type === "knock")).toHaveLength(1);
    await node.answer("knock", "knocked", { admitted: false, live: true, ice_servers: [] });
    node.say("welcome", {
      version: 1,
      session: "t",
      me: { id: "me", kind: "account", name: "" },
      resumed: false,
      rooms: [],
      online: [],
      now: "",
    });
    await settle();
    expect(node.sent.filter((f) => f.type === "knock")).toHaveLength(2);
    end();
  });

  it.each([
    ["locked", { phase: "left", reason: "locked" }],
    ["ended", { phase: "left", reason: "ended" }],
    ["forbidden", { phase: "left", reason: "forbidden" }],
    ["internal", { phase: "left", reason: "failed" }],
    ["must_knock", { phase: "waiting", live: true }],
    ["not_found", { phase: "waiting", live: false }],
  ] as const)("ends with a reason when the node says %s", async (code, expected) => {
    const { node, meeting, at, end } = start();
    node.welcome();
    void meeting.enter(want);
    await settle();
    await node.answer("knock", "error", { code, message: "" });
    expect(at()).toEqual(expected);
    end();
  });

  it("follows the meeting to its node, and forgets that when it leaves", async () => {
    const { node, meeting, at, end } = start();
    node.welcome({ node: "a" });
    void meeting.enter(want);
    await settle();
    await node.answer("knock", "error", { code: "elsewhere", message: "", node: "b" });
    expect(at()).toEqual({ phase: "knocking" });
    expect(node.asked).toEqual([undefined, "b"]);
    node.welcome({ node: "b" });
    await settle();
    expect(node.sent.filter((f) => f.type === "knock")).toHaveLength(2);
    await node.answer("knock", "knocked", { admitted: false, live: true, ice_servers: [] });
    expect(at()).toEqual({ phase: "waiting", live: true });
    meeting.leave();
    node.cut();
    node.link.nudge();
    expect(node.asked).toEqual([undefined, "b", undefined]);
    end();
  });

  it("comes back after a reload with one knock, whenever the devices are there", async () => {
    const { node, meeting, at, end } = start();
    const devices: (() => void)[] = [];
    meeting.local.start = () => new Promise((resolve) => devices.push(resolve));
    void meeting.resume({ microphone: true, camera: true });
    node.welcome();
    await settle();
    for (const there of devices) there();
    await settle();
    expect(devices).toHaveLength(2);
    expect(node.sent.filter((f) => f.type === "knock")).toHaveLength(1);
    expect(at()).toEqual({ phase: "knocking" });
    end();
  });

  it.each(["knocked", "error"] as const)(
    "is not brought back by an answer (%s) that comes after leaving",
    async (answer) => {
      const { node, meeting, at, end } = start();
      node.welcome();
      void meeting.enter(want);
      await settle();
      meeting.leave();
      if (answer === "knocked")
        await node.answer("knock", answer, { admitted: false, live: true, ice_servers: [] });
      else await node.answer("knock", answer, { code: "must_knock", message: "" });
      expect(at()).toEqual({ phase: "left", reason: "left" });
      end();
    },
  );

  it("comes back to the mirror after leaving", async () => {
    const { node, meeting, at, end } = start();
    node.welcome();
    void meeting.enter(want);
    await settle();
    meeting.leave();
    expect(at()).toEqual({ phase: "left", reason: "left" });
    expect(node.sent.at(-1)?.type).toBe("leave");
    meeting.again();
    expect(at()).toEqual({ phase: "preparing" });
    end();
  });
});

describe("a device that is pulled out", () => {
  it("is no longer shown as sent, to us and to the others", async () => {
    const { node, meeting, end } = start();
    fakeConnections();
    meeting.local.start = async () => undefined;
    node.welcome();
    void meeting.resume({ microphone: true, camera: true });
    const live = fromSnapshot(aSnapshot({ me: "a", participants: [aPerson("a")] }));
    meeting.store.setState({ at: { phase: "in", live, media: "connected" } });
    meeting.local.store.setState({ camera: { phase: "problem", problem: "missing" } });
    expect(meeting.store.getState().sending).toMatchObject({ microphone: true, camera: false });
    const told = node.sent.filter((f) => f.type === "source");
    expect(told.map((f) => f.body)).toMatchObject([{ source: "camera", live: false }]);
    end();
  });
});

describe("a moderator's mute", () => {
  afterEach(() => vi.unstubAllGlobals());

  /** Somebody in the meeting whose microphone is on, or was muted before they came back. */
  async function inMeeting(muted: boolean) {
    fakeConnections();
    const { node, meeting, end } = start();
    const notes: string[] = [];
    meeting.onNote((note) => notes.push(note.kind));
    meeting.local.start = () => new Promise(() => undefined);
    node.welcome();
    void meeting.enter(want);
    await settle();
    await node.answer("knock", "knocked", { admitted: true, live: true, ice_servers: [] });
    await vi.waitFor(() => expect(node.sent.at(-1)?.type).toBe("join"));
    const me = aPerson("me", { sources: [{ source: "microphone", live: !muted, muted }] });
    await node.answer("join", "joined", { snapshot: aSnapshot({ participants: [me] }), answer: "" });
    await settle();
    const told = () => node.sent.filter((f) => f.type === "source").map((f) => f.body);
    return { node, meeting, notes, told, end };
  }

  it("is lifted by the button, which says that we know of it, and by nothing else", async () => {
    const { node, meeting, notes, told, end } = await inMeeting(false);
    node.say("muted", { source: "microphone", by: "host" });
    expect(meeting.store.getState().sending.microphone).toBe(false);
    node.say("muted", { source: "microphone", by: "host" });
    expect(notes).toEqual(["muted"]);
    meeting.toggle("microphone", true);
    meeting.toggle("microphone", false);
    meeting.toggle("microphone", true);
    expect(told()).toEqual([
      { source: "microphone", live: false },
      { source: "microphone", live: true, lift: true },
      { source: "microphone", live: false },
      { source: "microphone", live: true },
    ]);
    end();
  });

  it("that came while we were away is seen when we are back", async () => {
    const { meeting, notes, told, end } = await inMeeting(true);
    expect(meeting.store.getState().sending.microphone).toBe(false);
    expect(notes).toEqual(["muted"]);
    meeting.toggle("microphone", true);
    expect(told().at(-1)).toEqual({ source: "microphone", live: true, lift: true });
    end();
  });
});

describe("a connection that ends for good", () => {
  it.each([
    ["unauthorized", "revoked"],
    ["version", "outdated"],
  ] as const)("says why when the node answers %s", async (code, reason) => {
    const { node, meeting, at, end } = start();
    node.welcome();
    void meeting.enter(want);
    await settle();
    await node.answer("knock", "knocked", { admitted: false, live: true, ice_servers: [] });
    node.say("error", { code, message: "" });
    expect(at()).toEqual({ phase: "left", reason });
    end();
  });
});

describe("the media's connection", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Lets a newcomer in, as far as the first answer to its offer. */
  async function letIn() {
    const made = fakeConnections();
    const { node, meeting, end } = start();
    const answer = () => node.answer("join", "joined", { snapshot: aSnapshot(), answer: "" });
    node.welcome();
    void meeting.enter({ microphone: false, camera: false });
    await settle();
    await node.answer("knock", "knocked", { admitted: true, live: true, ice_servers: [] });
    await vi.advanceTimersByTimeAsync(0);
    await answer();
    await vi.advanceTimersByTimeAsync(0);
    const sent = (type: string) => node.sent.filter((f) => f.type === type).length;
    return { node, answer, made, sent, end };
  }

  it("gives way to a new one when it has not come about in 4 s, and that after 6", async () => {
    const { answer, made, sent, end } = await letIn();
    await vi.advanceTimersByTimeAsync(3999);
    expect([made.length, sent("join")]).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect([made.length, sent("join")]).toEqual([2, 2]);
    expect(made[0]?.connectionState).toBe("closed");
    await answer();
    await vi.advanceTimersByTimeAsync(5999);
    expect(sent("join")).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect([made.length, sent("join")]).toEqual([3, 3]);
    await answer();
    made[2]?.becomes("connected");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent("join")).toBe(3);
    end();
  });

  it("is not begun anew by one that was given up, or after the end", async () => {
    const { made, answer, sent, end } = await letIn();
    const [given] = made;
    const tell = given?.onconnectionstatechange;
    await vi.advanceTimersByTimeAsync(4000);
    await answer();
    tell?.();
    made[1]?.becomes("connecting");
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent("join")).toBe(2);
  });

  it("looks for another path when it is lost", async () => {
    const { node, made, sent, end } = await letIn();
    made[0]?.becomes("connected");
    made[0]?.becomes("disconnected");
    await vi.advanceTimersByTimeAsync(2000);
    expect([made.length, made[0]?.restarts, sent("offer")]).toEqual([1, 1, 1]);
    await node.answer("offer", "answer", { sdp: "" });
    end();
  });
});

describe("what is on screen", () => {
  const tile = (participant: string, width: number): Tile => ({
    participant,
    kind: "person",
    width,
    height: 90,
  });

  it("is told at once, and what changes soon after when it rests", () => {
    vi.useFakeTimers();
    const { node, meeting, end } = start();
    node.welcome();
    meeting.store.setState({ at: { phase: "in", live: fromSnapshot(aSnapshot()), media: "connected" } });
    const told = () => node.sent.filter((f) => f.type === "view").map((f) => f.body.tiles);
    meeting.view([tile("a", 160)]);
    expect(told()).toEqual([[tile("a", 160)]]);
    for (const width of [170, 180, 190]) {
      vi.advanceTimersByTime(100);
      meeting.view([tile("a", width)]);
    }
    expect(told()).toHaveLength(1);
    vi.advanceTimersByTime(150);
    meeting.view([tile("a", 190)]); // laid out anew, and the same
    vi.advanceTimersByTime(50);
    expect(told().at(-1)).toEqual([tile("a", 190)]);
    meeting.view([tile("b", 190)]);
    expect(told()).toHaveLength(3);
    end();
    vi.advanceTimersByTime(1000);
    expect(told()).toHaveLength(3);
    vi.useRealTimers();
  });
});

import type { ServerBodies } from "../../wire/messages";
import { createLink, type Link, type Socket } from "../link";

interface Sent {
  type: string;
  id?: string;
  body: { [field: string]: unknown };
}

/** The node's end of a link in a test: sees what is sent and says what the test wants. */
export interface FakeNode {
  link: Link;
  /** What was sent over all connections, without pings. */
  sent: Sent[];
  /** The nodes that the connections asked for. */
  asked: (string | undefined)[];
  welcome: (more?: Partial<ServerBodies["welcome"]>) => void;
  say: <T extends keyof ServerBodies>(type: T, body: ServerBodies[T], re?: string) => void;
  /** Answers the newest message of a type. */
  answer: <T extends keyof ServerBodies>(to: string, type: T, body: ServerBodies[T]) => Promise<void>;
  /** Cuts the connection; the link connects again when time passes. */
  cut: () => void;
}

/** Makes a link whose node is played by the test. */
export function fakeNode(): FakeNode {
  const sent: Sent[] = [];
  let socket: Socket | undefined;
  const asked: (string | undefined)[] = [];
  const open = (node?: string): Socket => {
    asked.push(node);
    socket = {
      send: (data) => {
        const frame: Sent = JSON.parse(data);
        if (frame.type !== "ping") sent.push(frame);
      },
      close: () => undefined,
      onopen: null,
      onmessage: null,
      onclose: null,
    };
    return socket;
  };
  const link = createLink({ as: "account", open, random: () => 0.5 });
  const say: FakeNode["say"] = (type, body, re) => {
    socket?.onmessage?.({ data: JSON.stringify({ type, body, ...(re !== undefined && { re }) }) });
  };
  const me = { id: "me", kind: "account" as const, name: "Me" };
  return {
    link,
    sent,
    asked,
    say,
    welcome: (more) => {
      socket?.onopen?.();
      say("welcome", {
        version: 4,
        session: "s",
        me,
        resumed: false,
        rooms: [],
        online: [],
        now: "",
        ...more,
      });
    },
    answer: async (to, type, body) => {
      say(type, body, sent.findLast((f) => f.type === to)?.id);
      for (let i = 0; i < 10; i++) await Promise.resolve();
    },
    cut: () => socket?.onclose?.(),
  };
}

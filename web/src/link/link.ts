import { createStore, type StoreApi } from "zustand/vanilla";
import {
  type As,
  type ClientBodies,
  type ErrorCode,
  type ServerFrame,
  version,
  type Welcome,
} from "../wire/messages";
import { type Answer, Disconnected, Refusal } from "./answers";
import { backoff } from "./backoff";

/** Where the connection stands. */
export type LinkState =
  | { phase: "connecting"; attempt: number }
  | { phase: "open"; welcome: Welcome }
  | { phase: "waiting"; attempt: number; until: number }
  | { phase: "closed"; reason: "left" | "version" | "unauthorized" };

/** The part of a WebSocket that the link uses. */
export interface Socket {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

/** What the link is given from outside, so that tests can give their own. */
export interface LinkOptions {
  as: As;
  open: () => Socket;
  random?: () => number;
  now?: () => number;
}

/** The one connection to the node. */
export interface Link {
  state: StoreApi<LinkState>;
  /** Sends a message and waits for its answer. Throws Refusal or Disconnected. */
  request: <T extends keyof ClientBodies>(type: T, body: ClientBodies[T]) => Promise<Answer<T>>;
  /** Sends a message whose answer nobody needs. Dropped while there is no connection. */
  send: <T extends keyof ClientBodies>(type: T, body: ClientBodies[T]) => void;
  /** Calls back for every message that is not an answer; returns what stops it. */
  listen: (listener: (frame: ServerFrame) => void) => () => void;
  /** Calls back for every welcome, before anybody sees the state change. */
  onWelcome: (listener: (welcome: Welcome) => void) => () => void;
  /** Says that the network may be back, or gone: try now. */
  nudge: () => void;
  close: () => void;
}

/** Silence after which the node is asked, and after which the connection counts as lost. */
const askAfter = 12_000;
const lostAfter = 8_000;
/** How long a socket may take to open and to be welcomed. */
const openWithin = 10_000;

interface Pending {
  resolve: (body: never) => void;
  reject: (error: Error) => void;
}

/** Opens the connection and keeps it open until close is called. */
export function createLink(options: LinkOptions): Link {
  const random = options.random ?? Math.random;
  const now = options.now ?? Date.now;
  const state = createStore<LinkState>()(() => ({ phase: "connecting", attempt: 0 }));
  const listeners = new Set<(frame: ServerFrame) => void>();
  const welcomes = new Set<(welcome: Welcome) => void>();
  const pending = new Map<string, Pending>();
  let socket: Socket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let session: string | undefined;
  let attempt = 0;
  let counter = 0;

  const after = (milliseconds: number, run: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };

  const frame = (type: keyof ClientBodies, body: unknown, id?: string) =>
    JSON.stringify(id === undefined ? { type, body } : { type, id, body });

  const drop = () => {
    const old = socket;
    socket = undefined;
    if (old) {
      old.onopen = null;
      old.onmessage = null;
      old.onclose = null;
      old.close();
    }
    for (const p of pending.values()) p.reject(new Disconnected());
    pending.clear();
  };

  const lost = () => {
    drop();
    const wait = backoff(attempt, random());
    state.setState({ phase: "waiting", attempt, until: now() + wait }, true);
    attempt += 1;
    after(wait, connect);
  };

  const finish = (reason: "left" | "version" | "unauthorized") => {
    clearTimeout(timer);
    drop();
    state.setState({ phase: "closed", reason }, true);
  };

  /** Restarts the silence clock: ask after a while, give up when nothing comes back. */
  const alive = () =>
    after(askAfter, () => {
      socket?.send(frame("ping", {}));
      after(lostAfter, lost);
    });

  const welcomed = (welcome: Welcome) => {
    attempt = 0;
    session = welcome.session;
    for (const listener of welcomes) listener(welcome);
    state.setState({ phase: "open", welcome }, true);
  };

  const failed = (re: string | undefined, code: ErrorCode, message: string, field?: string) => {
    const waiting = re === undefined ? undefined : pending.get(re);
    if (re !== undefined && waiting) {
      pending.delete(re);
      waiting.reject(new Refusal(code, message, field));
    } else if (code === "version") finish("version");
    else if (code === "unauthorized") finish("unauthorized");
  };

  const received = (data: unknown) => {
    const message = parse(data);
    if (!message) return;
    alive();
    if (message.type === "welcome") return welcomed(message.body);
    if (message.type === "error") {
      return failed(message.re, message.body.code, message.body.message, message.body.field);
    }
    const waiting = message.re === undefined ? undefined : pending.get(message.re);
    if (message.re !== undefined && waiting) {
      pending.delete(message.re);
      waiting.resolve(message.body as never);
    }
    for (const listener of listeners) listener(message);
  };

  function connect() {
    drop();
    state.setState({ phase: "connecting", attempt }, true);
    const opened = options.open();
    socket = opened;
    opened.onopen = () =>
      opened.send(frame("hello", { version, as: options.as, ...(session && { resume: session }) }));
    opened.onmessage = (event) => received(event.data);
    opened.onclose = lost;
    after(openWithin, lost);
  }

  const isOpen = () => state.getState().phase === "open";

  connect();
  return {
    state,
    request: (type, body) =>
      new Promise((resolve, reject) => {
        if (!socket || !isOpen()) return reject(new Disconnected());
        counter += 1;
        const id = counter.toString(36);
        pending.set(id, { resolve, reject });
        socket.send(frame(type, body, id));
      }),
    send: (type, body) => {
      if (socket && isOpen()) socket.send(frame(type, body));
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onWelcome: (listener) => {
      welcomes.add(listener);
      return () => welcomes.delete(listener);
    },
    nudge: () => {
      const { phase } = state.getState();
      if (phase === "waiting") connect();
      if (phase !== "open") return;
      socket?.send(frame("ping", {}));
      after(lostAfter / 2, lost);
    },
    close: () => finish("left"),
  };
}

/** Reads a frame; what is none is ignored, as the protocol says. */
export function parse(data: unknown): ServerFrame | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") {
      return undefined;
    }
    return { body: {}, ...value } as ServerFrame;
  } catch {
    return undefined;
  }
}

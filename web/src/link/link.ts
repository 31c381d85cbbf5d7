import { createStore, type StoreApi } from "zustand/vanilla";
import { tooFast } from "../ui/tooFast";
import {
  type As,
  type ClientBodies,
  type Failure,
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
  /** Opens a socket: of a node, where one is named, or of any. */
  open: (node?: string) => Socket;
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
  /** Opens the socket of another node, and comes back to it until told to forget it. */
  moveTo: (node: string) => void;
  /** Comes back to the node of this moment, where there are several, until told to forget it. */
  stay: () => void;
  /** Comes back to whatever node answers. */
  forget: () => void;
  /** Says that the network may be back, or gone: try now. */
  nudge: () => void;
  close: () => void;
}

/** Silence after which the node is asked, and after which the connection counts as lost. */
const askAfter = 12_000;
const lostAfter = 8_000;
/** How long a socket may take to open and to be welcomed. */
const openWithin = 10_000;

/** Messages whose senders have words of their own for a refusal, or send again by themselves. */
const ownWords: ReadonlySet<keyof ClientBodies> = new Set(["ring", "post"]);

interface Pending {
  type: keyof ClientBodies;
  resolve: (body: never) => void;
  reject: (error: Error) => void;
}

/** Opens the connection and keeps it open until close is called. */
export function createLink(options: LinkOptions): Link {
  return new Connection(options);
}

/** The socket of the moment, the clock that watches it, and who waits for answers. */
class Connection implements Link {
  readonly state = createStore<LinkState>()((): LinkState => ({ phase: "connecting", attempt: 0 }));
  private readonly options: LinkOptions;
  private readonly random: () => number;
  private readonly now: () => number;
  private readonly listeners = new Set<(frame: ServerFrame) => void>();
  private readonly welcomes = new Set<(welcome: Welcome) => void>();
  private readonly pending = new Map<string, Pending>();
  private socket: Socket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private session: string | undefined;
  private attempt = 0;
  private counter = 0;
  /** The node to be at; undefined: any. */
  private node: string | undefined;
  /** How often in a row the node that was asked for was not reached. */
  private misses = 0;

  constructor(options: LinkOptions) {
    this.options = options;
    this.random = options.random ?? Math.random;
    this.now = options.now ?? Date.now;
    this.connect();
  }

  readonly request: Link["request"] = (type, body) =>
    new Promise((resolve, reject) => {
      if (!this.socket || !this.isOpen()) return reject(new Disconnected());
      this.counter += 1;
      const id = this.counter.toString(36);
      this.pending.set(id, { type, resolve, reject });
      this.socket.send(frameOf(type, body, id));
    });

  readonly send: Link["send"] = (type, body) => {
    if (this.socket && this.isOpen()) this.socket.send(frameOf(type, body));
  };

  readonly listen: Link["listen"] = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly onWelcome: Link["onWelcome"] = (listener) => {
    this.welcomes.add(listener);
    return () => this.welcomes.delete(listener);
  };

  readonly moveTo: Link["moveTo"] = (node) => {
    this.node = node;
    if (this.state.getState().phase === "closed") return;
    if (this.misses === 0) this.connect();
    else this.connectLater(backoff(this.misses - 1, this.random()));
  };

  readonly stay = (): void => {
    const state = this.state.getState();
    if (state.phase === "open") this.node = state.welcome.node;
  };

  readonly forget = (): void => {
    this.node = undefined;
    this.misses = 0;
  };

  readonly nudge = (): void => {
    const { phase } = this.state.getState();
    if (phase === "waiting") this.connect();
    if (phase !== "open") return;
    this.socket?.send(frameOf("ping", {}));
    this.after(lostAfter / 2, this.lost);
  };

  readonly close = (): void => this.finish("left");

  private isOpen(): boolean {
    return this.state.getState().phase === "open";
  }

  private connect(): void {
    this.drop();
    this.state.setState({ phase: "connecting", attempt: this.attempt }, true);
    const opened = this.options.open(this.node);
    this.socket = opened;
    opened.onopen = () => {
      const resume = this.session === undefined ? {} : { resume: this.session };
      opened.send(frameOf("hello", { version, as: this.options.as, ...resume }));
    };
    opened.onmessage = (event) => this.received(event.data);
    opened.onclose = this.lost;
    this.after(openWithin, this.lost);
  }

  private readonly lost = (): void => {
    if (!this.isOpen()) this.missed();
    this.connectLater(backoff(this.attempt, this.random()));
  };

  private connectLater(wait: number): void {
    this.drop();
    this.state.setState({ phase: "waiting", attempt: this.attempt, until: this.now() + wait }, true);
    this.attempt += 1;
    this.after(wait, () => this.connect());
  }

  /** The node that was asked for did not answer: it may be gone, and any will do. */
  private missed(): void {
    if (this.node === undefined) return;
    this.node = undefined;
    this.misses += 1;
  }

  private finish(reason: "left" | "version" | "unauthorized"): void {
    clearTimeout(this.timer);
    this.drop();
    this.state.setState({ phase: "closed", reason }, true);
  }

  private drop(): void {
    const old = this.socket;
    this.socket = undefined;
    if (old) {
      old.onopen = null;
      old.onmessage = null;
      old.onclose = null;
      old.close();
    }
    for (const p of this.pending.values()) p.reject(new Disconnected());
    this.pending.clear();
  }

  private received(data: unknown): void {
    const message = parse(data);
    if (!message) return;
    this.alive();
    if (message.type === "welcome") return this.welcomed(message.body);
    if (message.type === "error") return this.refused(message.re, message.body);
    this.pendingFor(message.re)?.resolve(message.body as never);
    for (const listener of this.listeners) listener(message);
  }

  private welcomed(welcome: Welcome): void {
    this.attempt = 0;
    this.session = welcome.session;
    if (this.node === welcome.node) this.misses = 0;
    else this.missed();
    for (const listener of this.welcomes) listener(welcome);
    this.state.setState({ phase: "open", welcome }, true);
  }

  private refused(re: string | undefined, failure: Failure): void {
    const waiting = this.pendingFor(re);
    const { code } = failure;
    if (code === "rate" && !(waiting && ownWords.has(waiting.type))) tooFast(undefined);
    if (waiting) waiting.reject(new Refusal(failure));
    else if (code === "version" || code === "unauthorized") this.finish(code);
  }

  /** Who waits for this answer; they are asked once. */
  private pendingFor(re: string | undefined): Pending | undefined {
    if (re === undefined) return undefined;
    const waiting = this.pending.get(re);
    this.pending.delete(re);
    return waiting;
  }

  /** Restarts the silence clock: ask after a while, give up when nothing comes back. */
  private alive(): void {
    this.after(askAfter, () => {
      this.socket?.send(frameOf("ping", {}));
      this.after(lostAfter, this.lost);
    });
  }

  private after(milliseconds: number, run: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(run, milliseconds);
  }
}

function frameOf<T extends keyof ClientBodies>(type: T, body: ClientBodies[T], id?: string): string {
  return JSON.stringify(id === undefined ? { type, body } : { type, id, body });
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

import { carriedBy, Silence } from "./silence";

/** What can be done about a connection. */
export interface Remedies {
  /** Looks for another path under the connection there is. */
  restart: () => Promise<void>;
  /** Gives it up for a new one. */
  beginAnew: () => void;
}

const restartAfter = 2000;
const listenEvery = 500;
/**
 * On links that lose much a handshake may not get through, and waits longer each time. A connection that
 * has not come about in this time gives way to another, which is given half as long again.
 */
const patienceToConnect = 4000;
const mostPatience = 20_000;

/** Lifeline watches over a meeting's connection, and has something done when it does not come about or is lost. */
export class Lifeline {
  private readonly remedies: Remedies;
  /** How long the next connection may take to come about. */
  private hope = patienceToConnect;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private listening: ReturnType<typeof setInterval> | undefined;

  constructor(remedies: Remedies) {
    this.remedies = remedies;
  }

  /** Begins to listen to a connection, in place of the one before. */
  watch(connection: RTCPeerConnection): void {
    const silence = new Silence();
    clearInterval(this.listening);
    this.listening = setInterval(() => void this.listen(connection, silence), listenEvery);
  }

  /** Hears what has become of the connection. */
  changed(state: RTCPeerConnectionState): void {
    clearTimeout(this.patience);
    if (state === "failed") void this.remedies.restart();
    if (state === "connected") this.hope = patienceToConnect;
    if (state === "new" || state === "connecting") this.patience = setTimeout(() => this.giveUp(), this.hope);
    // A short gap mends itself; a lost path does not, and the browser takes long to say so.
    if (state === "disconnected")
      this.patience = setTimeout(() => void this.remedies.restart(), restartAfter);
  }

  /** Ends watching; the next connection is given as long as a first one. */
  stop(): void {
    clearTimeout(this.patience);
    clearInterval(this.listening);
    this.hope = patienceToConnect;
  }

  /** A connection has been coming about for so long that a new one is the better hope. */
  private giveUp(): void {
    this.hope = Math.min(this.hope * 1.5, mostPatience);
    this.remedies.beginAnew();
  }

  private async listen(connection: RTCPeerConnection, silence: Silence): Promise<void> {
    if (connection.connectionState !== "connected") return;
    const carried = carriedBy((await connection.getStats()).values());
    if (connection.connectionState !== "connected") return; // it may have ended meanwhile
    if (carried && silence.read(performance.now(), carried)) await this.remedies.restart();
  }
}

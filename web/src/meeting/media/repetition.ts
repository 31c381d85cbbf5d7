import address from "./packing.worker?worker&url";

const patience = 3000;

/**
 * Has our voice's sounds repeat those before them, in a worker: browsers that
 * know redundant audio repeat one at most, and Firefox does not know it at all.
 */
export class Repetition {
  /** Settled when it is known whether this browser can. */
  readonly prepared: Promise<void>;
  private worker: Worker | undefined;
  private running = false;
  private over = false;

  /** Starts the worker, so that it runs before anything is sent. */
  constructor() {
    this.prepared = this.start();
  }

  get closed(): boolean {
    return this.over;
  }

  /**
   * Attaches to a sender that was just made, as browsers want it; false where
   * they cannot, and sounds go out as they are. A sender whose worker does not
   * run would be mute.
   */
  attach(sender: RTCRtpSender): boolean {
    if (!this.worker || !this.running || !("transform" in sender)) return false;
    try {
      sender.transform = new RTCRtpScriptTransform(this.worker);
      return true;
    } catch {
      return false;
    }
  }

  /** Repeats so many sounds in every packet from now on. */
  repeat(copies: number): void {
    this.worker?.postMessage(copies);
  }

  close(): void {
    this.over = true;
    this.worker?.terminate();
  }

  private start(): Promise<void> {
    if (typeof globalThis.RTCRtpScriptTransform !== "function") return Promise.resolve();
    const worker = new Worker(address, { type: "module" });
    this.worker = worker;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      const known = (running: boolean) => {
        clearTimeout(timer);
        this.running = running;
        resolve();
      };
      worker.onmessage = () => known(true);
      worker.onerror = () => known(false);
    });
  }
}

import type { ICEServer, Offer, ScreenMode, Source } from "../../wire/messages";
import { askingForSounds, chosenCodecs, sendingRedundancy } from "./codecs";
import { encodingsOf, firstEncodings, write } from "./encodings";
import type { Repetition } from "./repetition";

/** One receiving place: the tracks stay, whoever is seated here. */
export interface Seat {
  audio: MediaStreamTrack;
  video: MediaStreamTrack;
}

/** Sends an offer to the node and returns its answer. */
export type Exchange = (offer: Offer) => Promise<string>;

const sources = ["microphone", "camera", "screen", "screen-audio"] as const satisfies readonly Source[];

/**
 * Peer owns the one PeerConnection of a meeting: four sending transceivers and
 * the seats. Only more seats and a new network path need another offer; muting,
 * sharing and who sits where never do.
 */
export class Peer {
  private readonly pc: RTCPeerConnection;
  private readonly senders = new Map<Source, RTCRtpTransceiver>();
  private readonly pairs: { audio: RTCRtpTransceiver; video: RTCRtpTransceiver }[] = [];
  /** Offers follow one another; this is the end of the queue. */
  private queue: Promise<unknown> = Promise.resolve();
  /** The node's last answer, as it came. */
  private answer = "";
  private repeating = false;
  /** Repeats our voice's sounds; undefined: the browser may do so itself. */
  private repetition: Repetition | undefined;
  private readonly wanted = new Map<Source, readonly boolean[]>();
  private mode: ScreenMode = "text";

  constructor(
    seats: number,
    iceServers: ICEServer[],
    onState: (state: RTCPeerConnectionState) => void,
    repetition?: Repetition,
  ) {
    this.pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
    this.pc.onconnectionstatechange = () => onState(this.pc.connectionState);
    for (const source of sources) {
      const kind = source === "microphone" || source === "screen-audio" ? "audio" : "video";
      const transceiver = this.pc.addTransceiver(kind, {
        direction: "sendonly",
        sendEncodings: firstEncodings(source),
      });
      prefer(transceiver, kind);
      if (source === "microphone" && repetition?.attach(transceiver.sender)) this.repetition = repetition;
      this.senders.set(source, transceiver);
    }
    this.addSeats(seats);
  }

  /** The connection itself, for a look at its statistics. */
  get connection(): RTCPeerConnection {
    return this.pc;
  }

  /** The seats, by the index that the node uses. */
  get seats(): Seat[] {
    return this.pairs.map((p) => ({ audio: p.audio.receiver.track, video: p.video.receiver.track }));
  }

  /** Makes an offer and applies the answer; several callers take turns. */
  negotiate(exchange: Exchange, options?: { restart?: boolean }): Promise<void> {
    return this.inTurn(async () => {
      if (this.pc.signalingState === "closed") return;
      if (options?.restart) this.pc.restartIce();
      await this.offer();
      try {
        this.answer = await exchange(this.describe());
        await this.pc.setRemoteDescription({ type: "answer", sdp: this.answered() });
      } catch (error) {
        if (this.pc.signalingState === "have-local-offer")
          await this.pc.setLocalDescription({ type: "rollback" });
        throw error;
      }
      await this.encodeAll();
    });
  }

  /** Has our sounds repeat so many of those before them, for a link that loses some. */
  repeatSounds(copies: number): Promise<void> {
    if (this.repetition) {
      this.repetition.repeat(copies);
      return Promise.resolve();
    }
    const on = copies > 0;
    if (on === this.repeating) return Promise.resolve();
    this.repeating = on;
    return this.inTurn(async () => {
      if (this.pc.signalingState !== "stable" || this.answer === "") return;
      await this.offer();
      await this.pc.setRemoteDescription({ type: "answer", sdp: this.answered() });
    });
  }

  /** Hears which layers of a source anybody uses; the others are not sent. */
  want(source: Source, layers: readonly boolean[]): Promise<void> {
    this.wanted.set(source, layers);
    return this.inTurn(() => this.encode(source));
  }

  /** Forgets what was wanted: a node that says nothing wants everything. */
  wantAll(): void {
    this.wanted.clear();
  }

  /** Says what a shared screen shows. */
  setMode(mode: ScreenMode): Promise<void> {
    this.mode = mode;
    return this.inTurn(() => this.encode("screen"));
  }

  private inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.queue.then(run, run);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /** Makes an offer that asks for lost sounds, where the browser takes that. */
  private async offer(): Promise<void> {
    const offer = await this.pc.createOffer();
    try {
      await this.pc.setLocalDescription({ type: "offer", sdp: askingForSounds(offer.sdp ?? "") });
    } catch {
      await this.pc.setLocalDescription(offer);
    }
  }

  private answered(): string {
    return sendingRedundancy(this.answer, this.senders.get("microphone")?.mid ?? "", this.repeating);
  }

  private async encodeAll(): Promise<void> {
    await this.encode("camera");
    await this.encode("screen");
  }

  /** Brings the encodings of a source in line with what is wanted of it. */
  private async encode(source: Source): Promise<void> {
    const sender = this.senders.get(source)?.sender;
    if ((source !== "camera" && source !== "screen") || !sender || this.pc.signalingState === "closed")
      return;
    const parameters = sender.getParameters();
    const demand = {
      wanted: this.wanted.get(source),
      codec: parameters.codecs[0]?.mimeType,
      // Who knows the modes of the first encodings has kept them.
      layers: parameters.encodings.some((e) => "scalabilityMode" in e),
      mode: this.mode,
    };
    const degradation = this.mode === "text" ? "maintain-resolution" : "maintain-framerate";
    const changed = write(parameters.encodings, encodingsOf(source, demand));
    const turned = source === "screen" && parameters.degradationPreference !== degradation;
    if (!changed && !turned) return;
    if (source === "screen") parameters.degradationPreference = degradation;
    // A browser that does not know something of it sends as before.
    await sender.setParameters(parameters).catch(() => undefined);
  }

  /** Takes other relays; they are used from the next restart on. */
  takeRelays(iceServers: ICEServer[]): void {
    if (this.pc.signalingState !== "closed") {
      this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers });
    }
  }

  /** Adds seats up to the number given; a negotiation must follow. */
  addSeats(total: number): void {
    while (this.pairs.length < total) {
      const audio = this.pc.addTransceiver("audio", { direction: "recvonly" });
      const video = this.pc.addTransceiver("video", { direction: "recvonly" });
      prefer(audio, "audio");
      prefer(video, "video");
      this.pairs.push({ audio, video });
    }
  }

  /** Sends a track as a source, or nothing. */
  async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const sender = this.senders.get(source)?.sender;
    if (sender && sender.track !== track && this.pc.signalingState !== "closed")
      await sender.replaceTrack(track);
  }

  close(): void {
    this.pc.onconnectionstatechange = null;
    this.pc.close();
  }

  private describe(): Offer {
    const mid = (t: RTCRtpTransceiver) => t.mid ?? "";
    return {
      sdp: this.pc.localDescription?.sdp ?? "",
      sources: [...this.senders].map(([source, t]) => ({
        source,
        mid: mid(t),
        ...(source === "microphone" && this.repetition ? { packed: true } : {}),
      })),
      seats: this.pairs.map((p) => ({ audio: mid(p.audio), video: mid(p.video) })),
    };
  }
}

/** Offers what meetings speak, in their order. */
function prefer(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  const end = transceiver.direction === "sendonly" ? RTCRtpSender : RTCRtpReceiver;
  const kept = chosenCodecs(end.getCapabilities(kind)?.codecs ?? []);
  try {
    if (kept.length > 0) transceiver.setCodecPreferences?.(kept);
  } catch {
    // A browser that refuses the list offers all it knows: larger, and as good.
  }
}

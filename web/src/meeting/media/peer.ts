import type { ICEServer, Offer, Source } from "../../wire/messages";

/** One receiving place: the tracks stay, whoever is seated here. */
export interface Seat {
  audio: MediaStreamTrack;
  video: MediaStreamTrack;
}

/** Sends an offer to the node and returns its answer. */
export type Exchange = (offer: Offer) => Promise<string>;

const sources = ["microphone", "camera", "screen", "screen-audio"] as const satisfies readonly Source[];

/** Three layers of the camera; the node forwards to each receiver the one that fits. */
const cameraLayers: RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 160_000, maxFramerate: 15 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 550_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];

const encodings: { [S in Source]: RTCRtpEncodingParameters[] } = {
  microphone: [{ maxBitrate: 40_000, priority: "high" }],
  camera: cameraLayers,
  screen: [{ maxBitrate: 2_500_000, maxFramerate: 15 }],
  "screen-audio": [{ maxBitrate: 96_000 }],
};

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

  constructor(seats: number, iceServers: ICEServer[], onState: (state: RTCPeerConnectionState) => void) {
    this.pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
    this.pc.onconnectionstatechange = () => onState(this.pc.connectionState);
    for (const source of sources) {
      const kind = source === "microphone" || source === "screen-audio" ? "audio" : "video";
      const transceiver = this.pc.addTransceiver(kind, {
        direction: "sendonly",
        sendEncodings: encodings[source],
      });
      prefer(transceiver, kind);
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
    const run = async () => {
      if (this.pc.signalingState === "closed") return;
      if (options?.restart) this.pc.restartIce();
      await this.pc.setLocalDescription(await this.pc.createOffer());
      try {
        const sdp = await exchange(this.describe());
        await this.pc.setRemoteDescription({ type: "answer", sdp });
      } catch (error) {
        if (this.pc.signalingState === "have-local-offer")
          await this.pc.setLocalDescription({ type: "rollback" });
        throw error;
      }
    };
    const turn = this.queue.then(run, run);
    this.queue = turn.catch(() => undefined);
    return turn;
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
      sources: [...this.senders].map(([source, t]) => ({ source, mid: mid(t) })),
      seats: this.pairs.map((p) => ({ audio: mid(p.audio), video: mid(p.video) })),
    };
  }
}

const wanted = { audio: ["audio/opus"], video: ["video/vp8", "video/rtx"] };

/** Offers only the codecs that every meeting speaks: the offer stays small. */
function prefer(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const kept = codecs.filter((c) => wanted[kind].includes(c.mimeType.toLowerCase()));
  if (kept.length > 0) transceiver.setCodecPreferences?.(kept);
}

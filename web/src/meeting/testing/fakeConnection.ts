import { vi } from "vitest";

/** A browser's connection in a test: it negotiates, and comes about when the test says so. */
export class FakeConnection {
  connectionState: RTCPeerConnectionState = "new";
  signalingState: RTCSignalingState = "stable";
  localDescription: RTCSessionDescriptionInit | null = null;
  onconnectionstatechange: (() => void) | null = null;
  restarts = 0;
  private sections = 0;

  /** Changes its state, and tells. */
  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  addTransceiver() {
    const sender = {
      track: null,
      replaceTrack: async () => undefined,
      getParameters: () => ({ encodings: [], codecs: [] }),
      setParameters: async () => undefined,
    };
    const end = { direction: "sendonly", setCodecPreferences: () => undefined };
    return { ...end, mid: String(this.sections++), sender, receiver: { track: {} } };
  }

  createOffer = async () => ({ type: "offer", sdp: "" });

  async setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.localDescription = description;
    this.signalingState = "have-local-offer";
  }

  async setRemoteDescription(): Promise<void> {
    this.signalingState = "stable";
  }

  getStats = async () => new Map();

  restartIce(): void {
    this.restarts++;
  }

  close(): void {
    this.connectionState = "closed";
    this.signalingState = "closed";
  }
}

/** Puts such connections in place of the browser's; returns those that were made. */
export function fakeConnections(): FakeConnection[] {
  const made: FakeConnection[] = [];
  const end = { getCapabilities: () => null };
  vi.stubGlobal("RTCRtpSender", end);
  vi.stubGlobal("RTCRtpReceiver", end);
  vi.stubGlobal(
    "RTCPeerConnection",
    class extends FakeConnection {
      constructor() {
        super();
        made.push(this);
      }
    },
  );
  return made;
}

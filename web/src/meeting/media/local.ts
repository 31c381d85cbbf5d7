import { createStore } from "zustand/vanilla";
import { keepChoices, keptChoices } from "./choices";
import { LevelMeter } from "./level";
import { type DeviceProblem, problemOf } from "./problem";

/** Where one of our own devices stands. */
export type DeviceState =
  | { phase: "off" }
  | { phase: "starting" }
  | { phase: "on"; track: MediaStreamTrack }
  | { phase: "problem"; problem: DeviceProblem };

export type Device = "microphone" | "camera";

/** A device as it is listed. */
export interface Listed {
  id: string;
  label: string;
}

/** Our microphone and camera, and what there is to choose from. */
export interface LocalState {
  microphone: DeviceState;
  camera: DeviceState;
  microphones: Listed[];
  cameras: Listed[];
  speakers: Listed[];
  chosen: { microphone: string; camera: string; speaker: string };
}

/**
 * LocalMedia owns the capture of microphone and camera from the preview to the
 * end of the meeting. It keeps one track of each; whoever sends them listens
 * to the store and replaces the track it sends.
 */
export class LocalMedia {
  readonly store = createStore<LocalState>()(() => {
    const { microphone, camera, speaker } = keptChoices();
    return {
      microphone: { phase: "off" },
      camera: { phase: "off" },
      microphones: [],
      cameras: [],
      speakers: [],
      chosen: { microphone, camera, speaker },
    };
  });
  private meter: LevelMeter | undefined;
  private closed = false;
  /** Each start has a number, so that a slow one does not overtake a later one. */
  private readonly starts = { microphone: 0, camera: 0 };

  constructor() {
    navigator.mediaDevices?.addEventListener("devicechange", this.relist);
  }

  /** Starts a device. It never throws: what went wrong is in the state. */
  async start(device: Device): Promise<void> {
    if (!navigator.mediaDevices) {
      return this.set(device, {
        phase: "problem",
        problem: window.isSecureContext ? "unsupported" : "insecure",
      });
    }
    this.starts[device] += 1;
    const start = this.starts[device];
    if (this.store.getState()[device].phase !== "on") this.set(device, { phase: "starting" });
    try {
      const stream = await navigator.mediaDevices.getUserMedia(this.constraints(device));
      const [track] = stream.getTracks();
      if (this.closed || start !== this.starts[device] || !track) {
        for (const t of stream.getTracks()) t.stop();
        return;
      }
      this.take(device, track);
      await this.relist();
    } catch (error) {
      if (start === this.starts[device]) this.set(device, { phase: "problem", problem: problemOf(error) });
    }
  }

  /** Stops a device: its light goes off. */
  stop(device: Device): void {
    this.starts[device] += 1;
    this.set(device, { phase: "off" });
  }

  /** Changes to another device of the kind; what was sent goes on from the new one. */
  async choose(device: Device, id: string): Promise<void> {
    this.store.setState((s) => ({ chosen: { ...s.chosen, [device]: id } }));
    keepChoices({ [device]: id });
    const { phase } = this.store.getState()[device];
    if (phase !== "off") await this.start(device);
  }

  /** Chooses where sound comes out. */
  chooseSpeaker(id: string): void {
    this.store.setState((s) => ({ chosen: { ...s.chosen, speaker: id } }));
    keepChoices({ speaker: id });
  }

  /** How loud the microphone hears us now, 0 to 1, also while it is muted for others. */
  level(): number {
    return this.meter?.read() ?? 0;
  }

  /** The track of a device, if it runs. */
  track(device: Device): MediaStreamTrack | undefined {
    const state = this.store.getState()[device];
    return state.phase === "on" ? state.track : undefined;
  }

  close(): void {
    this.closed = true;
    navigator.mediaDevices?.removeEventListener("devicechange", this.relist);
    this.stop("microphone");
    this.stop("camera");
  }

  private constraints(device: Device): MediaStreamConstraints {
    const id = this.store.getState().chosen[device];
    const deviceId = id === "" ? {} : { deviceId: { ideal: id } };
    if (device === "microphone") {
      return {
        audio: { ...deviceId, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      };
    }
    const size = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
    return { video: { ...deviceId, ...size, ...(id === "" && { facingMode: "user" }) } };
  }

  private take(device: Device, track: MediaStreamTrack): void {
    track.contentHint = device === "microphone" ? "speech" : "motion";
    track.onended = () => this.ended(device, track);
    this.set(device, { phase: "on", track });
  }

  /** A device was pulled out or taken away: try once with what is left. */
  private ended(device: Device, track: MediaStreamTrack): void {
    if (this.track(device) !== track) return;
    this.store.setState((s) => ({ chosen: { ...s.chosen, [device]: "" } }));
    void this.start(device);
  }

  private set(device: Device, state: DeviceState): void {
    const old = this.track(device);
    if (device === "microphone") {
      this.meter?.close();
      this.meter = state.phase === "on" ? new LevelMeter(state.track) : undefined;
    }
    this.store.setState({ [device]: state });
    if (old && (state.phase !== "on" || state.track !== old)) {
      old.onended = null;
      old.stop();
    }
  }

  private readonly relist = async (): Promise<void> => {
    const all = await navigator.mediaDevices.enumerateDevices();
    const listed = (kind: MediaDeviceKind) =>
      all
        .filter((d) => d.kind === kind && d.deviceId !== "")
        .map((d) => ({ id: d.deviceId, label: d.label }));
    this.store.setState({
      microphones: listed("audioinput"),
      cameras: listed("videoinput"),
      speakers: listed("audiooutput"),
    });
  };
}

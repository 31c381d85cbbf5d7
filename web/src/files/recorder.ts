import { createStore, type StoreApi } from "zustand/vanilla";

/** How long a voice message may be, in milliseconds. */
export const longestVoice = 5 * 60_000;

/** A voice message in the making. */
export type Recording =
  | { phase: "idle" }
  | { phase: "asking" }
  | { phase: "recording"; since: number; level: number }
  | { phase: "heard"; content: Blob; durationMs: number }
  | { phase: "failed"; denied: boolean };

/** Records one voice message at a time. */
export interface Recorder {
  store: StoreApi<Recording>;
  start: () => Promise<void>;
  /** Ends the recording; it can then be listened to. */
  stop: () => void;
  /** Throws away whatever there is. */
  cancel: () => void;
}

/** Formats by preference: what most browsers play comes first. */
const formats = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** Makes a recorder over this device's microphone. */
export function createRecorder(now: () => number = () => performance.now()): Recorder {
  const store = createStore<Recording>(() => ({ phase: "idle" }));
  let release: () => void = () => undefined;
  let finish: (() => void) | undefined;
  let turn = 0;
  const set = (state: Recording) => store.setState(state, true);

  const cancel = () => {
    turn += 1;
    finish = undefined;
    release();
    set({ phase: "idle" });
  };

  const start = async () => {
    cancel();
    const mine = turn;
    set({ phase: "asking" });
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (mine !== turn) return stopAll(stream);
      const began = now();
      const record = recordStream(stream, (content) => {
        release();
        if (mine === turn) set({ phase: "heard", content, durationMs: now() - began });
      });
      const unwatch = watchLevel(stream, (level) => {
        if (mine !== turn) return;
        if (now() - began > longestVoice) record.stop();
        else if (store.getState().phase === "recording") set({ phase: "recording", since: began, level });
      });
      release = () => {
        release = () => undefined;
        unwatch();
        stopAll(stream);
      };
      finish = record.stop;
      set({ phase: "recording", since: began, level: 0 });
    } catch (error) {
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      if (mine === turn) set({ phase: "failed", denied });
    }
  };
  return { store, start, stop: () => finish?.(), cancel };
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function recordStream(stream: MediaStream, done: (content: Blob) => void): { stop: () => void } {
  const mimeType = formats.find((f) => MediaRecorder.isTypeSupported(f));
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 32_000, ...(mimeType && { mimeType }) });
  const parts: Blob[] = [];
  recorder.ondataavailable = (e) => parts.push(e.data);
  recorder.onstop = () => done(new Blob(parts, { type: recorder.mimeType }));
  recorder.start();
  return { stop: () => recorder.state === "recording" && recorder.stop() };
}

/** Tells how loud it is, from 0 to 1, some ten times a second. */
function watchLevel(stream: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, s) => sum + s * s, 0) / samples.length;
    tell(Math.min(1, Math.sqrt(power) * 4));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** Measures how loud a track is, without React and without a clock of its own. */
export class LevelMeter {
  private readonly context: AudioContext;
  private readonly analyser: AnalyserNode;
  private readonly track: MediaStreamTrack;
  private readonly samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.track = track.clone(); // stays on while the sent one is muted
    this.track.enabled = true;
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(new MediaStream([this.track])).connect(this.analyser);
  }

  /** The level now, 0 to 1, on a scale that follows hearing. */
  read(): number {
    if (this.context.state === "suspended") void this.context.resume();
    this.analyser.getFloatTimeDomainData(this.samples);
    return levelOf(this.samples);
  }

  close(): void {
    this.track.stop();
    void this.context.close();
  }
}

/** Root mean square on a scale from -60 dBFS (0) to -6 dBFS (1). */
export function levelOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] ?? 0) ** 2;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  const decibels = 20 * Math.log10(rms + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 60) / 54));
}

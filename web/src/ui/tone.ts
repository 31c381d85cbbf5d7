/** The tone of a ringing telephone, made here: nothing is downloaded for it. */
export type Tone = "incoming" | "outgoing";

/** When a tone sounds within its turn, in seconds, and how high, in hertz. */
const patterns: { [tone in Tone]: { every: number; gain: number; notes: [number, number, number][] } } = {
  incoming: {
    every: 2.4,
    gain: 0.16,
    notes: [
      [0, 0.18, 784],
      [0.2, 0.18, 988],
      [0.4, 0.3, 1175],
      [1, 0.18, 784],
      [1.2, 0.18, 988],
      [1.4, 0.3, 1175],
    ],
  },
  outgoing: { every: 5, gain: 0.06, notes: [[0, 1, 450]] },
};

/**
 * Sounds a tone until the function it returns is called, and lets a telephone
 * tremble. A browser that lets no page sound by itself stays silent.
 */
export function startTone(tone: Tone): () => void {
  const context = new AudioContext();
  const { every, gain, notes } = patterns[tone];
  const turn = () => {
    if (tone === "incoming") navigator.vibrate?.([300, 150, 300]);
    void context.resume().catch(() => undefined);
    for (const [at, long, pitch] of notes)
      sound(context, { at: context.currentTime + at, long, pitch, gain });
  };
  turn();
  const timer = setInterval(turn, every * 1000);
  return () => {
    clearInterval(timer);
    navigator.vibrate?.(0);
    void context.close().catch(() => undefined);
  };
}

/** Sounds once that something asks for attention. */
export function chime(): void {
  once(0.12, [
    [0, 0.24, 880],
    [0.18, 0.24, 1175],
  ]);
}

/** Sounds softly that somebody came, or went. */
export function blip(came: boolean): void {
  once(0.05, [
    [0, 0.12, came ? 523 : 659],
    [0.1, 0.14, came ? 659 : 523],
  ]);
}

/** Sounds notes once. A browser that lets no page sound by itself stays silent. */
function once(gain: number, notes: readonly [at: number, long: number, pitch: number][]): void {
  const context = new AudioContext();
  void context.resume().catch(() => undefined);
  for (const [at, long, pitch] of notes) sound(context, { at: context.currentTime + at, long, pitch, gain });
  setTimeout(() => void context.close().catch(() => undefined), 1500);
}

function sound(context: AudioContext, note: { at: number; long: number; pitch: number; gain: number }): void {
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  oscillator.frequency.value = note.pitch;
  volume.gain.setValueAtTime(0, note.at);
  volume.gain.linearRampToValueAtTime(note.gain, note.at + 0.02);
  volume.gain.setValueAtTime(note.gain, note.at + note.long - 0.04);
  volume.gain.linearRampToValueAtTime(0, note.at + note.long);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(note.at);
  oscillator.stop(note.at + note.long + 0.01);
}

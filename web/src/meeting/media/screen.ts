import type { ScreenMode } from "../../wire/messages";

/** How the browser's question for a screen ended. */
export type ScreenResult =
  | { outcome: "shared"; stream: MediaStream }
  | { outcome: "cancelled" }
  | { outcome: "failed" };

/** Whether this browser can share a screen at all; phones cannot. */
export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/** Asks for a screen, a window or a tab, with its sound. */
export async function captureScreen(mode: ScreenMode): Promise<ScreenResult> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: frames[mode], max: 30 } },
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    adaptScreen(stream, mode);
    for (const track of stream.getAudioTracks()) track.contentHint = "music";
    return { outcome: "shared", stream };
  } catch (error) {
    const refused =
      error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");
    return { outcome: refused ? "cancelled" : "failed" };
  }
}

const frames: { [M in ScreenMode]: number } = { text: 15, motion: 30 };

/** Has the browser keep what matters more of a shared screen: sharp text, or smooth motion. */
export function adaptScreen(stream: MediaStream, mode: ScreenMode): void {
  for (const track of stream.getVideoTracks()) {
    track.contentHint = mode === "text" ? "text" : "motion";
    // A browser that cannot change the rate keeps the one it has.
    void track.applyConstraints({ frameRate: { ideal: frames[mode], max: 30 } }).catch(() => undefined);
  }
}

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
export async function captureScreen(): Promise<ScreenResult> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 15, max: 30 } },
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    for (const track of stream.getVideoTracks()) track.contentHint = "detail";
    for (const track of stream.getAudioTracks()) track.contentHint = "music";
    return { outcome: "shared", stream };
  } catch (error) {
    const refused =
      error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");
    return { outcome: refused ? "cancelled" : "failed" };
  }
}

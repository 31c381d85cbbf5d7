const key = "yunqiao.inside";

/** What we send; kept so that a reload goes on with the same. */
export interface Want {
  microphone: boolean;
  camera: boolean;
}

/** Remembers in this tab that we are inside a room's meeting. */
export function rememberInside(room: string, want: Want): void {
  sessionStorage.setItem(key, JSON.stringify({ room, ...want }));
}

/** Forgets it: we left. */
export function forgetInside(): void {
  sessionStorage.removeItem(key);
}

/** What we sent when this tab was reloaded inside the room's meeting. */
export function insideBefore(room: string): Want | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
    if (typeof kept !== "object" || kept === null || !("room" in kept) || kept.room !== room)
      return undefined;
    return {
      microphone: "microphone" in kept && kept.microphone === true,
      camera: "camera" in kept && kept.camera === true,
    };
  } catch {
    return undefined;
  }
}

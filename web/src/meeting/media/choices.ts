/** What a person chose last on this device, offered again next time. */
export interface Choices {
  microphoneOn: boolean;
  cameraOn: boolean;
  microphone: string;
  camera: string;
  speaker: string;
}

const key = "yunqiao.devices";
const first: Choices = { microphoneOn: false, cameraOn: true, microphone: "", camera: "", speaker: "" };

/** The choices kept here; nobody's microphone is open the first time. */
export function keptChoices(): Choices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof kept === "object" ? { ...first, ...kept } : first;
  } catch {
    return first;
  }
}

/** Keeps some of the choices. */
export function keepChoices(choices: Partial<Choices>): void {
  localStorage.setItem(key, JSON.stringify({ ...keptChoices(), ...choices }));
}

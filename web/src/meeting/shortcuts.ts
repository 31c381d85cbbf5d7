import { useEffect, useRef } from "react";

export type Shortcut =
  | "microphone"
  | "camera"
  | "share"
  | "mute_all"
  | "record"
  | "hand"
  | "fullscreen"
  | "help"
  | "talk";

/** What the shortcuts look at of a key press. */
export interface Key {
  code: string;
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
  keyCode?: number;
}

const withAlt: { [code: string]: Shortcut } = {
  KeyA: "microphone",
  KeyV: "camera",
  KeyS: "share",
  KeyM: "mute_all",
  KeyR: "record",
  KeyY: "hand",
  KeyF: "fullscreen",
};

/** Which shortcut a key press is; none while somebody types or composes. */
export function shortcutOf(key: Key, typing: boolean): Shortcut | undefined {
  if (typing || key.isComposing || key.keyCode === 229 || key.metaKey) return undefined;
  if (key.altKey && !key.ctrlKey && !key.shiftKey) return withAlt[key.code];
  if (key.ctrlKey && !key.altKey && !key.shiftKey) {
    if (key.code === "KeyD") return "microphone";
    return key.code === "KeyE" ? "camera" : undefined;
  }
  if (key.altKey || key.ctrlKey) return undefined;
  if (key.key === "?") return "help";
  return key.code === "Space" ? "talk" : undefined;
}

/** Whether a key press at this place belongs to what is there. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Space on a button presses the button; it only talks where nothing else would happen. */
function takesSpace(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("button, a, [role=button], [role=menu], [role=dialog], [role=switch], summary") !== null
  );
}

interface Actions {
  press: (shortcut: Exclude<Shortcut, "talk">) => void;
  /** Space went down, or up again. */
  talk: (down: boolean) => void;
}

/** Listens for shortcuts while mounted. */
export function useShortcuts(actions: Actions): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    let talking = false;
    const stopTalking = () => {
      if (talking) latest.current.talk(false);
      talking = false;
    };
    const down = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event, isTyping(event.target));
      if (!shortcut || (shortcut === "talk" && takesSpace(event.target))) return;
      event.preventDefault();
      if (event.repeat) return;
      if (shortcut !== "talk") return latest.current.press(shortcut);
      talking = true;
      latest.current.talk(true);
    };
    const up = (event: KeyboardEvent) => event.code === "Space" && stopTalking();
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", stopTalking);
    return () => {
      stopTalking();
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", stopTalking);
    };
  }, []);
}

/** What is looked at of a key press. */
export interface Key {
  key: string;
  isComposing: boolean;
  keyCode?: number;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** Whether a key press sends: Enter alone, and never the Enter that ends a composition. */
export function isSendKey(e: Key): boolean {
  if (e.isComposing || e.keyCode === 229) return false;
  return e.key === "Enter" && !e.shiftKey && !e.ctrlKey && !e.altKey && !e.metaKey;
}

export type ComposerKey = "next" | "previous" | "insert" | "send" | "break" | "edit" | "cancel";

/** What a key press means where messages are written; offering: people to mention are on offer; empty: nothing is written yet. */
export function composerKey(e: Key, offering: boolean, empty = false): ComposerKey | undefined {
  if (e.isComposing || e.keyCode === 229) return undefined;
  if (e.key === "Escape") return "cancel";
  if (offering && e.key === "ArrowDown") return "next";
  if (offering && e.key === "ArrowUp") return "previous";
  if (offering && (e.key === "Tab" || isSendKey(e))) return "insert";
  if (isSendKey(e)) return "send";
  if (e.key === "ArrowUp" && empty && !e.shiftKey && !e.ctrlKey && !e.altKey && !e.metaKey) return "edit";
  return e.key === "Enter" && e.ctrlKey ? "break" : undefined;
}

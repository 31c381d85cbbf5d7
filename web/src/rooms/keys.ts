/** Whether a key press sends: Enter alone, and never the Enter that ends a composition. */
export function isSendKey(e: {
  key: string;
  isComposing: boolean;
  keyCode?: number;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}): boolean {
  if (e.isComposing || e.keyCode === 229) return false;
  return e.key === "Enter" && !e.shiftKey && !e.ctrlKey && !e.altKey && !e.metaKey;
}

import { create } from "zustand";

/** Whether the palette is on screen. */
export const usePalette = create<{ open: boolean; show: (open: boolean) => void }>()((set) => ({
  open: false,
  show: (open) => set({ open }),
}));

/** Whether a key press opens or closes the palette: Ctrl+K, or ⌘K. */
export function isPaletteKey(
  e: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
): boolean {
  return e.key.toLowerCase() === "k" && (e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey;
}

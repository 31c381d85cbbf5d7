import { create } from "zustand";

interface Cheers {
  shown: { readonly [participant: string]: string };
  show: (participant: string, emoji: string) => void;
}

const lasts = 4000;
const turns = new Map<string, number>();

/** The emoji people show for a moment. */
export const useCheers = create<Cheers>()((set) => ({
  shown: {},
  show: (participant, emoji) => {
    const turn = (turns.get(participant) ?? 0) + 1;
    turns.set(participant, turn);
    set((s) => ({ shown: { ...s.shown, [participant]: emoji } }));
    setTimeout(() => {
      if (turns.get(participant) !== turn) return;
      set((s) => {
        const { [participant]: _, ...rest } = s.shown;
        return { shown: rest };
      });
    }, lasts);
  },
}));

/** The emoji to choose from. */
export const cheerEmoji = ["👏", "👍", "❤️", "😄", "🎉", "🙏"] as const;

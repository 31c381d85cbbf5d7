import { createContext } from "react";

/** Rings people of a room from its timeline; nothing where nobody can be rung, as guests cannot. */
export const CallBack = createContext<((room: string, people: readonly string[]) => void) | undefined>(
  undefined,
);

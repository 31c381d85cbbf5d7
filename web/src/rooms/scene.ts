import { createContext, useContext } from "react";
import type { RoomDetail } from "../api/types";
import type { Link } from "../link/link";
import type { Message } from "../wire/messages";

/** What is laid over a room. */
export type Shown =
  | { kind: "forward" | "readers" | "versions"; message: Message }
  | { kind: "topics" | "pins" | "scheduled" | "settings" };

/** The room that somebody with an account looks at, on its own page or beside a meeting. For guests there is none. */
export interface Scene {
  room: RoomDetail;
  link: Link;
  /** Our account. */
  me: string;
  zone: string;
  /** The topic to which the page is narrowed; empty: all. */
  topic: string;
  chooseTopic: (topic: string) => void;
  show: (shown: Shown) => void;
  /** It stands beside a meeting: what would lead away from there is left out. */
  beside: boolean;
}

export const SceneContext = createContext<Scene | undefined>(undefined);

/** The room around a component, if there is one. */
export function useScene(): Scene | undefined {
  return useContext(SceneContext);
}

/** Which of our messages is being changed, in its place. */
export interface Editing {
  id: string | undefined;
  edit: (id: string | undefined) => void;
}

export const EditingContext = createContext<Editing>({ id: undefined, edit: () => undefined });

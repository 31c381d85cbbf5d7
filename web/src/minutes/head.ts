import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Minutes } from "../api/types";

/** The parts of the minutes beside their blocks that can be written. */
export type HeadField =
  | "title"
  | "place"
  | "host_name"
  | "recorder_name"
  | "copies_to"
  | "present"
  | "attending"
  | "absent";

/** How saving a part ended. Clash: somebody else has changed the very same part. */
export type HeadResult = { outcome: "saved"; minutes: Minutes } | { outcome: "clash"; minutes: Minutes };

const attempts = 4;

/**
 * Saves one part. Changes of other parts by other people do not matter: the
 * save is repeated on top of them. A change of the same part is a clash.
 */
export async function saveHead<F extends HeadField>(
  minutes: Minutes,
  field: F,
  value: Minutes[F],
  base: Minutes[F],
): Promise<HeadResult> {
  let current = minutes;
  for (let i = 0; i < attempts; i++) {
    try {
      const body = { revision: current.revision, [field]: value };
      return { outcome: "saved", minutes: await call<Minutes>("PATCH", `/minutes/${minutes.id}`, body) };
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "minutes_changed") throw error;
      current = error.body.current as Minutes;
      if (JSON.stringify(current[field]) !== JSON.stringify(base))
        return { outcome: "clash", minutes: current };
    }
  }
  throw new Error("the minutes changed too often to be saved");
}

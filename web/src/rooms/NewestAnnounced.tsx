import { useLingui } from "@lingui/react/macro";
import { useStore } from "zustand";
import type { Rooms } from "./store";

/** Reads new messages of others aloud, and nothing of the history. */
export function NewestAnnounced({ rooms, room }: { rooms: Rooms; room: string }) {
  const { t } = useLingui();
  const latest = useStore(rooms.store, (s) => s.latest[room]);
  const me = useStore(rooms.store, (s) => s.me?.id);
  const said =
    latest && latest.author.id !== me && !latest.deleted ? t`${latest.author.name}: ${latest.text}` : "";
  return (
    <p aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}

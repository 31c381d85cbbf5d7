import { Disconnected } from "../link/answers";
import type { Link } from "../link/link";
import type { Event, Post } from "../wire/messages";
import { type Draft, type Timeline, withDraft } from "./timeline";

interface Timelines {
  get: (room: string) => Timeline | undefined;
  set: (room: string, timeline: Timeline) => void;
  happened: (event: Event) => void;
}

/**
 * Sends drafts, one after the other in each room, so that they keep their
 * order. Sending one again is harmless: the node knows its client id.
 */
export function createOutbox(link: Link, timelines: Timelines): (room: string, draft: Draft) => void {
  const turns = new Map<string, Promise<void>>();

  const deliver = async (room: string, draft: Draft): Promise<void> => {
    const waiting = timelines.get(room)?.drafts.find((d) => d.client_id === draft.client_id);
    if (waiting?.state !== "sending") return;
    const body: Post = { room, client_id: draft.client_id, text: draft.text, mentions: draft.mentions };
    if (draft.reply_to) body.reply_to = draft.reply_to.id;
    try {
      timelines.happened((await link.request("post", body)).event);
    } catch (error) {
      if (error instanceof Disconnected) return; // stays "sending": the next welcome sends it again
      const timeline = timelines.get(room);
      if (timeline) timelines.set(room, withDraft(timeline, { ...draft, state: "failed" }));
    }
  };

  return (room, draft) => {
    const before = turns.get(room) ?? Promise.resolve();
    turns.set(
      room,
      before.then(() => deliver(room, draft)),
    );
  };
}

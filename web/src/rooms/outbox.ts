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
    try {
      timelines.happened((await link.request("post", postOf(room, draft))).event);
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

/** A draft as the node takes it. */
function postOf(room: string, draft: Draft): Post {
  const body: Post = {
    room,
    client_id: draft.client_id,
    text: draft.forward ? "" : draft.text,
    mentions: draft.mentions ?? [],
  };
  if (draft.text_en) body.text_en = draft.text_en;
  if (draft.topic) body.topic = draft.topic;
  if (draft.replyTo) body.reply_to = draft.replyTo.id;
  if (draft.mentionGroups?.length) body.mention_groups = draft.mentionGroups;
  if (draft.forward) body.forward = { room: draft.forward.room, message: draft.forward.message };
  else if (draft.attachments?.length) body.attachments = draft.attachments.map((a) => a.id);
  if (draft.mustConfirm) body.must_confirm = true;
  if (draft.urgent) body.urgent = true;
  return body;
}

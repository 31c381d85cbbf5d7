import type { Attachment, Forwarded, ForwardOf, MentionGroup, Message, Post } from "../wire/messages";

/** What a message may carry besides its text. */
export interface Extras {
  text_en?: string;
  topic?: string;
  replyTo?: Message;
  mentions?: string[];
  mentionGroups?: MentionGroup[];
  attachments?: Attachment[];
  /** What is posted again: where it is, and what it will look like. */
  forward?: ForwardOf & { shown: Forwarded };
  mustConfirm?: boolean;
  urgent?: boolean;
}

/** A message of ours that the node has not confirmed yet. */
export interface Draft extends Extras {
  client_id: string;
  text: string;
  at: string;
  state: "sending" | "failed";
}

/** A draft as the node takes it. */
export function postOf(room: string, draft: Draft): Post {
  const body: Post = {
    room,
    client_id: draft.client_id,
    text: draft.forward ? "" : draft.text,
    mentions: draft.mentions ?? [],
  };
  if (draft.text_en && !draft.forward) body.text_en = draft.text_en;
  if (draft.topic) body.topic = draft.topic;
  if (draft.replyTo) body.reply_to = draft.replyTo.id;
  if (draft.mentionGroups?.length) body.mention_groups = draft.mentionGroups;
  if (draft.forward) body.forward = { room: draft.forward.room, message: draft.forward.message };
  else if (draft.attachments?.length) body.attachments = draft.attachments.map((a) => a.id);
  if (draft.mustConfirm) body.must_confirm = true;
  if (draft.urgent) body.urgent = true;
  return body;
}

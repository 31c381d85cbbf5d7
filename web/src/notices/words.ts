import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { NoticeKind } from "../api/types";

/** What a notice is about, in a word. */
export const kindWords: { [kind in NoticeKind]: MessageDescriptor } = {
  mention: msg`You were mentioned`,
  message: msg`Message`,
  missed_call: msg`Missed call`,
  must_confirm: msg`Please confirm`,
  chase: msg`Please confirm soon`,
  reminder: msg`Time to ring`,
  hook_off: msg`Outgoing hook switched off`,
  undelivered: msg`Letter not delivered`,
  link_made: msg`A link was made that sets your password`,
  password_asked: msg`Somebody has forgotten a password`,
  meeting_invited: msg`You are invited to a meeting`,
  meeting_changed: msg`The meeting has been changed`,
  meeting_cancelled: msg`The meeting is cancelled, or you are no longer invited`,
  meeting_soon: msg`The meeting begins soon`,
  meeting_begun: msg`The meeting has begun`,
  guest_waits: msg`A guest is waiting to be admitted`,
};

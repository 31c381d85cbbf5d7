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
};

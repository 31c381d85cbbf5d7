import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Attachment } from "../wire/messages";
import { isShownAsPicture } from "./pictures";

/** Why a file was not sent, by the server's codes. */
export const refusals: { readonly [code: string]: MessageDescriptor } = {
  infected: msg`The virus scanner refused this file.`,
  deadly: msg`This file cannot be processed, so it is not taken.`,
  scanner_unavailable: msg`The virus scanner is not available at the moment. Try again later.`,
  too_large: msg`This file is too large.`,
  quota_exceeded: msg`Your space for files is used up.`,
  too_many_uploads: msg`Too many files are waiting to be sent.`,
  forbidden: msg`You may not send files here.`,
  empty: msg`This file is empty.`,
  name_too_long: msg`The name of this file is longer than 255 characters. Shorten it and send the file again.`,
  invalid: msg`This file cannot be sent.`,
  unreachable: msg`No connection.`,
};

export const otherRefusal: MessageDescriptor = msg`The file was not sent.`;

/** What stands in a line for a message that is nothing but files. */
export function filesInWords(
  list: readonly Pick<Attachment, "voice" | "preview" | "type" | "size" | "width" | "height">[],
): MessageDescriptor | undefined {
  const [first] = list;
  if (!first) return undefined;
  if (first.voice) return msg`[Voice message]`;
  return isShownAsPicture(first) ? msg`[Picture]` : msg`[File]`;
}

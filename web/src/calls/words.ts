import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { CallOutcome } from "../wire/messages";
import type { Result } from "./state";

/** How a call stands for one person. */
export const outcomeWords: { [state in CallOutcome]: MessageDescriptor } = {
  ringing: msg`Ringing…`,
  accepted: msg`Answered`,
  declined: msg`Refused`,
  busy: msg`Busy`,
  missed: msg`No answer`,
  cancelled: msg`Not reached`,
};

/** How a call went, to who made it. */
export const madeWords: { [result in Result]: MessageDescriptor } = {
  ringing: msg`Ringing…`,
  answered: msg`Call`,
  declined: msg`Call declined`,
  busy: msg`Busy`,
  missed: msg`Call not answered`,
  cancelled: msg`Call cancelled`,
};

/** Why a call could not be made. */
export function ringProblem(code: string | undefined): MessageDescriptor {
  switch (code) {
    case "rate":
      return msg`You rang a moment ago. Please wait a few seconds.`;
    case "conflict":
      return msg`There is nobody to ring: everybody is in the meeting already.`;
    case "invalid":
      return msg`At most 50 people can be rung at once.`;
    case "not_found":
    case "forbidden":
      return msg`You cannot ring anybody here.`;
    default:
      return msg`The call could not be made. Please try again.`;
  }
}

import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { AccountRole } from "../api/types";

/** What accounts are, in words. */
export const roleNames: { [R in AccountRole]: MessageDescriptor } = {
  admin: msg`Administrator`,
  staff: msg`Staff`,
  station: msg`Overseas station`,
  ambassador: msg`Talent ambassador`,
};

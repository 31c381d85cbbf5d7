import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { HookKind } from "../api/types";

/** What kinds of hook are called. */
export const hookNames: { [kind in HookKind]: MessageDescriptor } = {
  wecom: msg`WeCom robot`,
  dingtalk: msg`DingTalk robot`,
  generic: msg`Program (signed webhook)`,
};

/** What belongs into the field for the secret. */
export const secretHints: { [kind in HookKind]: MessageDescriptor } = {
  wecom: msg`Not needed: the address holds the robot's key.`,
  dingtalk: msg`The robot's signing secret (begins with SEC), if signing is switched on.`,
  generic: msg`At least 16 characters. Every delivery is signed with it.`,
};

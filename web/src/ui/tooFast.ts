import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { toast } from "./toast";

/** Says that the hub refuses for a while what somebody does too often, whatever they did: once, however often it is. */
export function tooFast(seconds: number | undefined): void {
  const words = seconds
    ? i18n._(msg`That was too much at once. Please wait ${seconds} seconds.`)
    : i18n._(msg`That was too much at once. Please wait a moment.`);
  toast(words, { tone: "danger" });
}

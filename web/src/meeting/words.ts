import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Grade, Quality, Role, Source } from "../wire/messages";
import type { LeftReason } from "./controller";
import type { DeviceProblem } from "./media/problem";
import type { Cause } from "./media/quality";

/** What to do about a device that does not work. */
export function problemWords(device: "microphone" | "camera", problem: DeviceProblem): MessageDescriptor {
  const mic = device === "microphone";
  switch (problem) {
    case "denied":
      return mic
        ? msg`The browser may not use the microphone. Press the lock or camera icon beside the address, allow the microphone, then try again.`
        : msg`The browser may not use the camera. Press the lock or camera icon beside the address, allow the camera, then try again.`;
    case "missing":
      return mic
        ? msg`No microphone was found. You can come in and listen.`
        : msg`No camera was found. You can come in without a picture.`;
    case "busy":
      return mic
        ? msg`Another program is using the microphone. Close it, then try again.`
        : msg`Another program is using the camera. Close it, then try again.`;
    case "insecure":
      return msg`Browsers give camera and microphone only to pages opened with https. Ask for a link that begins with https.`;
    case "unsupported":
      return msg`This browser cannot use camera and microphone. Open the link in Chrome, Edge, Firefox or Safari.`;
    case "failed":
      return mic ? msg`The microphone could not be started.` : msg`The camera could not be started.`;
    default:
      return problem satisfies never;
  }
}

/** The same to somebody who is in the meeting already. */
export function lostWords(device: "microphone" | "camera", problem: DeviceProblem): MessageDescriptor {
  if (problem !== "missing") return problemWords(device, problem);
  return device === "microphone"
    ? msg`No microphone was found: nobody hears you. Connect one, then unmute.`
    : msg`No camera was found: nobody sees you. Connect one, then start your video.`;
}

/** Most people refuse both in one question of the browser. */
export const bothDenied = msg`The browser may not use microphone and camera. Press the lock or camera icon beside the address, allow both, then try again.`;

/** What a person is in the meeting. */
export const roleWords: { [R in Role]: MessageDescriptor } = {
  host: msg`Host`,
  cohost: msg`Co-host`,
  participant: msg`Participant`,
};

/** What who moderates somebody else's meeting is until they come. */
export const standInWords = msg`Stands in for the host`;

export const qualityWords: { [Q in Quality]: MessageDescriptor } = {
  good: msg`Connection good`,
  weak: msg`Connection weak`,
  poor: msg`Connection poor`,
};

/** How media passes in one direction. */
export const gradeWords: { [G in Grade]: MessageDescriptor } = {
  good: msg({ context: "media passes", message: "Good" }),
  fair: msg({ context: "media passes", message: "Fair" }),
  poor: msg({ context: "media passes", message: "Poor" }),
  lost: msg({ context: "media passes", message: "Nothing passes" }),
};

/** Why our connection is not good, and what helps. */
export const causeWords: { [C in Cause]: MessageDescriptor } = {
  loss_down: msg`Part of what the others say and show is lost on the way to you. Moving closer to the Wi-Fi or closing downloads helps.`,
  loss_up: msg`Part of what you say and show is lost on the way. Stopping your video leaves more room for your voice.`,
  delay: msg`The way to the meeting is long at the moment: answers arrive late. Pause a little before you speak.`,
  freeze: msg`Pictures stand still now and then. Fewer open programs or stopping your video may help.`,
};

export const sourceWords: { [S in Source]: MessageDescriptor } = {
  microphone: msg`Microphone`,
  camera: msg`Camera`,
  screen: msg`Shared screen`,
  "screen-audio": msg`Sound of the shared screen`,
};

/** Why we are out, as a heading. */
export const leftWords: { [R in LeftReason]: MessageDescriptor } = {
  left: msg`You have left the meeting`,
  alone: msg`The call has ended`,
  ended: msg`The meeting has ended`,
  rest: msg`The meeting rests until the host comes`,
  host: msg`The host has removed you from the meeting`,
  taken_over: msg`You have joined from another place`,
  revoked: msg`Your link is no longer valid`,
  refused: msg`The host did not let you in`,
  locked: msg`The meeting is locked`,
  forbidden: msg`You may not enter this meeting`,
  failed: msg`The meeting could not be entered`,
  outdated: msg`A newer version is here. Please reload the page.`,
};

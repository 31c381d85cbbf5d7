/** The least of a codec that choosing needs; browsers' capabilities have it. */
export interface Capability {
  mimeType: string;
  sdpFmtpLine?: string;
}

/** Codecs in the order in which they are offered; the node's answer has the last word. */
const order: { mime: string; fits?: (fmtp: string) => boolean }[] = [
  { mime: "audio/opus" },
  { mime: "audio/red" },
  { mime: "video/vp8" },
  { mime: "video/vp9", fits: (fmtp) => !/profile-id=[1-9]/.test(fmtp) },
  {
    mime: "video/h264",
    fits: (fmtp) => /packetization-mode=1/.test(fmtp) && /profile-level-id=42e0/i.test(fmtp),
  },
  { mime: "video/av1", fits: (fmtp) => !/profile=[1-9]/.test(fmtp) },
  { mime: "video/rtx" },
  { mime: "video/flexfec-03" },
];

/** What of a browser's codecs meetings speak: one form of each, so that offers stay small. */
export function chosenCodecs<C extends Capability>(all: readonly C[]): C[] {
  return order.flatMap(({ mime, fits }) => {
    const found = all.find((c) => c.mimeType.toLowerCase() === mime && (fits?.(c.sdpFmtpLine ?? "") ?? true));
    return found ? [found] : [];
  });
}

/**
 * The offer with requests for lost sounds (RFC 4585): browsers answer and make
 * them where both sides say so, but do not offer it by themselves.
 */
export function askingForSounds(sdp: string): string {
  const opus = /^a=rtpmap:(\d+) opus\/48000\/2\r\n/gim;
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      if (!section.startsWith("m=audio") || /^a=rtcp-fb:\d+ nack\r$/m.test(section)) return section;
      return section.replace(opus, (line, type: string) => `${line}a=rtcp-fb:${type} nack\r\n`);
    })
    .join("");
}

/**
 * The answer with redundant sounds (RFC 2198) first, or last, in one section:
 * browsers send with the first codec there, and both are negotiated.
 */
export function sendingRedundancy(sdp: string, mid: string, on: boolean): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      const types = /^(m=audio \S+ \S+ )([\d ]+)\r\n/.exec(section);
      const red = /^a=rtpmap:(\d+) red\/48000/im.exec(section)?.[1];
      if (!types || !red || !section.includes(`\r\na=mid:${mid}\r\n`)) return section;
      const rest = (types[2] ?? "").split(" ").filter((type) => type !== red);
      const ordered = on ? [red, ...rest] : [...rest, red];
      return section.replace(types[0], `${types[1]}${ordered.join(" ")}\r\n`);
    })
    .join("");
}

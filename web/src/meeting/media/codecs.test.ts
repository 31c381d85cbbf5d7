import { describe, expect, it } from "vitest";
import { askingForSounds, chosenCodecs, sendingRedundancy } from "./codecs";

describe("chosenCodecs", () => {
  it("keeps one form of each codec, in our order", () => {
    const all = [
      { mimeType: "video/VP9", sdpFmtpLine: "profile-id=2" },
      { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=0;profile-level-id=42e01f" },
      { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42e01f" },
      { mimeType: "video/rtx" },
      { mimeType: "video/VP9", sdpFmtpLine: "profile-id=0" },
      { mimeType: "video/ulpfec" },
      { mimeType: "video/VP8" },
    ];
    expect(chosenCodecs(all)).toEqual([all[6], all[4], all[2], all[3]]);
    expect(chosenCodecs([{ mimeType: "audio/PCMU" }])).toEqual([]);
  });
});

const offer = [
  "v=0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  "a=mid:0",
  "a=rtpmap:111 opus/48000/2",
  "a=rtpmap:63 red/48000/2",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=mid:1",
  "a=rtpmap:96 VP8/90000",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  "a=mid:2",
  "a=rtpmap:111 opus/48000/2",
  "a=rtpmap:63 red/48000/2",
  "",
].join("\r\n");

describe("askingForSounds", () => {
  it("adds what browsers do not offer by themselves, once", () => {
    const asked = askingForSounds(offer);
    expect(asked.match(/a=rtcp-fb:111 nack\r\n/g)).toHaveLength(2);
    expect(asked).toContain("a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\n");
    expect(askingForSounds(asked)).toBe(asked);
  });
});

describe("sendingRedundancy", () => {
  it("puts redundancy first or last in one section only", () => {
    const on = sendingRedundancy(offer, "0", true);
    expect(on.match(/m=audio.*/g)).toEqual([
      "m=audio 9 UDP/TLS/RTP/SAVPF 63 111",
      "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
    ]);
    expect(sendingRedundancy(on, "0", false)).toBe(offer);
    expect(sendingRedundancy(offer, "1", true)).toBe(offer);
    expect(sendingRedundancy("", "0", true)).toBe("");
  });
});

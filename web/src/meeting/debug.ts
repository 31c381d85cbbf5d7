import type { Meeting } from "./controller";

declare global {
  interface Window {
    /** Set while a meeting runs and the page was opened with ?debug: browser tests read its statistics. */
    __yunqiao?: { peerConnection: () => RTCPeerConnection | undefined };
  }
}

/** Lets browser tests reach the connection when the address asks for it; returns what takes it away. */
export function exposeForTests(meeting: Meeting): () => void {
  if (!new URLSearchParams(location.search).has("debug")) return () => undefined;
  window.__yunqiao = { peerConnection: () => meeting.connection };
  return () => {
    delete window.__yunqiao;
  };
}

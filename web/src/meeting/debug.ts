import type { Meeting } from "./controller";

declare global {
  interface Window {
    /** Set while a meeting runs and the page was opened with ?debug: browser tests read its statistics. */
    __yunqiao?: { peerConnection: () => RTCPeerConnection | undefined };
  }
}

/** Lets browser tests reach the connection when the page was opened so; returns what takes it away. */
export function exposeForTests(meeting: Meeting): () => void {
  // A call leads from other pages into a meeting: what counts is the address that was loaded.
  const opened = performance.getEntriesByType("navigation")[0]?.name ?? location.href;
  const asks = [opened, location.href].some((url) => new URL(url).searchParams.has("debug"));
  if (!asks) return () => undefined;
  window.__yunqiao = { peerConnection: () => meeting.connection };
  return () => {
    delete window.__yunqiao;
  };
}

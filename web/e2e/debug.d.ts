export {};

declare global {
  interface Window {
    __yunqiao?: { peerConnection: () => RTCPeerConnection | undefined };
  }
}

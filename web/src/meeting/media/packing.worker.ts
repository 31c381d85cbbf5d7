import { Packer } from "./packing";

/** What of a worker's scope this one uses; the page's types know none of it. */
interface Scope {
  onmessage: ((event: MessageEvent<number>) => void) | null;
  onrtctransform:
    | ((event: {
        transformer: {
          readable: ReadableStream<RTCEncodedAudioFrame>;
          writable: WritableStream<RTCEncodedAudioFrame>;
        };
      }) => void)
    | null;
  postMessage(message: "ready"): void;
}

const scope = globalThis as unknown as Scope;
let copies = 0;

scope.onmessage = ({ data }) => {
  copies = data;
};

scope.onrtctransform = ({ transformer }) => {
  const packer = new Packer();
  const packing = new TransformStream<RTCEncodedAudioFrame, RTCEncodedAudioFrame>({
    transform(frame, out) {
      const packed = packer.pack(frame.timestamp, frame.data, copies);
      if (copies > 0) frame.data = packed;
      out.enqueue(frame);
    },
  });
  // It ends with the connection; there is nobody to tell.
  transformer.readable
    .pipeThrough(packing)
    .pipeTo(transformer.writable)
    .catch(() => undefined);
};

scope.postMessage("ready");

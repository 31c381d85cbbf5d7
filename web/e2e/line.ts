import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A line between a browser and the hub that can be slow, and can break. */
export interface Line {
  url: string;
  /** Lets so many bytes a second go to the hub; 0: as many as there are. */
  slow: (bytesPerSecond: number) => void;
  /** Breaks every connection, and lets none come about until it is mended. */
  cut: () => void;
  mend: () => void;
  close: () => void;
}

/** Opens a line to the hub under test. */
export async function openLine(hub: string): Promise<Line> {
  const { hostname, port } = new URL(hub);
  const open = new Set<Socket>();
  let down = false;
  let speed = 0;
  const server = createServer((browser) => {
    if (down) return void browser.destroy();
    const upstream = connect(Number(port), hostname);
    for (const [socket, other] of [
      [browser, upstream],
      [upstream, browser],
    ] as const) {
      open.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
    upstream.pipe(browser);
    browser.on("data", (data) => {
      upstream.write(data);
      if (speed === 0) return;
      browser.pause();
      setTimeout(() => browser.resume(), (1000 * data.length) / speed);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    down = true;
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    slow: (bytesPerSecond) => {
      speed = bytesPerSecond;
    },
    cut,
    mend: () => {
      down = false;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}

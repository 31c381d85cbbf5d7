import { spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";

/** A hub with settings of its own, beside the one that the other tests share. */
export interface Hub {
  url: string;
  /** The digest of its certificate's public key, by which a browser can be told to trust it. */
  key: () => Promise<string>;
  close: () => Promise<void>;
}

/** Starts a hub that speaks TLS, with the demonstration in it, and waits until it is ready. */
export async function openHub(settings: string[]): Promise<Hub> {
  const folder = mkdtempSync(join(tmpdir(), "yunqiao-e2e-"));
  chmodSync(folder, 0o711); // the private database runs as another user
  const port = await freePort();
  const places = ["--data-dir", join(folder, "data"), "--http-addr", `127.0.0.1:${port}`];
  const none = ["--http-admin-addr", "--media-udp-addr", "--media-tcp-addr", "--media-relay-addr"];
  const process = spawn(
    "../bin/yunqiao",
    [
      "serve",
      "--demo",
      ...places,
      ...none.flatMap((flag) => [flag, "127.0.0.1:0"]),
      "--public-ip=127.0.0.1",
      ...settings,
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const ended = once(process, "exit");
  const close = async () => {
    process.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const key = async () => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    try {
      await once(socket, "secureConnect");
      const certificate = new X509Certificate(socket.getPeerCertificate().raw);
      const spki = certificate.publicKey.export({ type: "spki", format: "der" });
      return createHash("sha256").update(spki).digest("base64");
    } finally {
      socket.destroy();
    }
  };
  while (!(await answers(port))) {
    if (process.exitCode !== null) throw new Error(`the hub ended with ${process.exitCode}`);
    await new Promise((again) => setTimeout(again, 200));
  }
  return { url: `https://127.0.0.1:${port}`, key, close };
}

/** Whether the hub takes connections: it does when everything else is there. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (!address || typeof address === "string") throw new Error("no port");
  return address.port;
}

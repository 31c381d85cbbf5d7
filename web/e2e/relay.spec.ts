import { type Browser, chromium, expect, type Page } from "@playwright/test";
import { badPath, besideStreams } from "./badpath";
import { openHub } from "./hub";
import { goLive, stationRoom, together } from "./meetings";
import { mexico, seat, seesAndHears, signIn, test, xuzhou } from "./people";

/**
 * What a page runs before its own script: its connections have no way but the
 * relay, reached by one transport: udp, tcp or tls.
 */
function relayedOnly(transport: string): void {
  const way = (url: string) =>
    transport === "tls" ? url.startsWith("turns:") : url.startsWith("turn:") && url.endsWith(`=${transport}`);
  const only = (configuration: RTCConfiguration = {}): RTCConfiguration => ({
    ...configuration,
    iceTransportPolicy: "relay",
    iceServers: (configuration.iceServers ?? []).map((server) => ({
      ...server,
      urls: [server.urls].flat().filter(way),
    })),
  });
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(only(configuration));
    }
    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration(only(configuration));
    }
  };
}

/** By what way a page's media goes: the kind of its own end, and how that reaches the relay. */
function way(page: Page): Promise<{ kind: string; transport: string }> {
  return page.evaluate(async () => {
    const stats = await window.__yunqiao?.peerConnection()?.getStats();
    for (const report of stats?.values() ?? []) {
      if (report.type !== "transport" || !report.selectedCandidatePairId) continue;
      const own = stats?.get(stats.get(report.selectedCandidatePairId)?.localCandidateId);
      return { kind: own?.candidateType, transport: own?.relayProtocol };
    }
    return { kind: "", transport: "" };
  });
}

/** Two people meet, and no packet of theirs goes another way than through the relay. */
async function meetThroughRelay(browser: Browser, transport: string): Promise<void> {
  const staff = await seat(browser, xuzhou);
  const station = await seat(browser, mexico);
  await signIn(staff.page, "linyue");
  await signIn(station.page, "mexico");
  const room = await stationRoom(staff.page);
  for (const { page } of [staff, station]) {
    await page.addInitScript(relayedOnly, transport);
    await goLive(page, room);
  }
  await seesAndHears(staff.page, ["周宁远"]);
  await seesAndHears(station.page, ["林悦"]);
  for (const { page } of [staff, station]) expect(await way(page)).toEqual({ kind: "relay", transport });
}

for (const transport of ["udp", "tcp"]) {
  test(`two people see and hear each other through the relay alone, over ${transport}`, ({ browser }) =>
    meetThroughRelay(browser, transport));
}

test("two people see and hear each other through the relay alone, inside TLS at the web port", async ({
  launchOptions,
}) => {
  const hub = await openHub(["--tls-self-signed"]);
  // A page's warning can be clicked away, a relay's certificate has to be good: this one is.
  const trusted = `--ignore-certificate-errors-spki-list=${await hub.key()}`;
  const browser = await chromium.launch({
    ...launchOptions,
    args: [...(launchOptions.args ?? []), trusted],
  });
  try {
    await meetThroughRelay(reaching(browser, hub.url), "tls");
  } finally {
    await browser.close();
    await hub.close();
  }
});

/** The browser, whose pages are at another hub than that of the other tests. */
function reaching(browser: Browser, baseURL: string): Browser {
  const open = browser.newContext.bind(browser);
  browser.newContext = (options) => open({ ...options, baseURL, ignoreHTTPSErrors: true });
  return browser;
}

test("when UDP is blocked in mid-call the sound comes back by another way", async ({ browser }) => {
  const {
    staff,
    station,
    prepared: path,
  } = await together(browser, async (page) => {
    await page.addInitScript((name) => Reflect.set(window, name, true), besideStreams);
    return badPath(page);
  });
  expect(await protocol(station.page)).toBe("udp");

  path.set({ loss: 1 });
  const [there, here] = await Promise.all([soundBack(station.page), soundBack(staff.page)]);
  console.log(`    sound is back at the station after ${there} ms, from the station after ${here} ms`);
  expect(await protocol(station.page)).toBe("tcp");
  await seesAndHears(staff.page, ["周宁远"]);
  await seesAndHears(station.page, ["林悦"]);
  expect(Math.max(there, here), "milliseconds without sound").toBeLessThan(6000);
  path.close();
});

/** What the connection of a page runs over. */
function protocol(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const stats = await window.__yunqiao?.peerConnection()?.getStats();
    for (const report of stats?.values() ?? []) {
      if (report.type !== "transport" || !report.selectedCandidatePairId) continue;
      return stats?.get(stats.get(report.selectedCandidatePairId)?.localCandidateId)?.protocol ?? "";
    }
    return "";
  });
}

/** How long a page's sound stays away, in milliseconds: it is known to have stopped when none came for a second. */
async function soundBack(page: Page): Promise<number> {
  const begun = Date.now();
  const sounds = () =>
    page.evaluate(async () => {
      let packets = 0;
      for (const stat of (await window.__yunqiao?.peerConnection()?.getStats())?.values() ?? [])
        if (stat.type === "inbound-rtp" && stat.kind === "audio") packets += stat.packetsReceived ?? 0;
      return packets;
    });
  let last = -1;
  await expect
    .poll(
      async () => {
        const before = last;
        last = await sounds();
        return before === last;
      },
      { message: "the sound stops", intervals: [1000], timeout: 20_000 },
    )
    .toBe(true);
  await expect
    .poll(sounds, { message: "the sound is back", intervals: [50], timeout: 40_000 })
    .toBeGreaterThan(last + 10);
  return Date.now() - begun;
}

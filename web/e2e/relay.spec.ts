import { expect, type Page } from "@playwright/test";
import { goLive, stationRoom } from "./meetings";
import { mexico, seat, seesAndHears, signIn, test, xuzhou } from "./people";

/**
 * What a page runs before its own script: its connections have no way but the
 * relay, reached by one transport.
 *
 * The way inside TLS is left to the Go tests of the relay: a browser checks the
 * certificate of a TURN server, and no switch makes it accept one of our own.
 */
function relayedOnly(transport: string): void {
  const only = (configuration: RTCConfiguration = {}): RTCConfiguration => ({
    ...configuration,
    iceTransportPolicy: "relay",
    iceServers: (configuration.iceServers ?? []).map((server) => ({
      ...server,
      urls: [server.urls].flat().filter((url) => url.startsWith("turn:") && url.endsWith(`=${transport}`)),
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

for (const transport of ["udp", "tcp"]) {
  test(`two people see and hear each other through the relay alone, over ${transport}`, async ({
    browser,
  }) => {
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
    await staff.context.close();
    await station.context.close();
  });
}

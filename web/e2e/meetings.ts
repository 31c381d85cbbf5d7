import { type Browser, expect, type Page } from "@playwright/test";
import { mexico, seat, seesAndHears, signIn, xuzhou } from "./people";
import { zh } from "./words";

/** The room of the demonstration's station in Mexico, for those who are in it. */
export async function stationRoom(page: Page): Promise<string> {
  const rooms: { id: string; kind: string; title: string }[] = await (
    await page.request.get("/api/rooms")
  ).json();
  const room = rooms.find((r) => r.kind === "station" && r.title.includes("墨西哥"));
  expect(room).toBeDefined();
  return room?.id ?? "";
}

/** Brings the page of a Chinese reader into a room's meeting, with its microphone on or off. */
export async function goLive(page: Page, room: string, microphone = true): Promise<void> {
  await page.goto(`/live/${room}?debug`);
  if (microphone) {
    await page
      .getByRole("button", { name: zh("Microphone") })
      .first()
      .click();
  }
  await page.getByRole("button", { name: /^(开始会议|加入)$/ }).click();
  await expect(page.locator("[data-phase=in]")).toBeVisible();
}

/**
 * Staff and a station who see and hear each other in the station's room. prepare
 * is given the station's page before anything is opened in it.
 */
export async function together<T>(browser: Browser, prepare: (station: Page) => Promise<T>) {
  const staff = await seat(browser, xuzhou);
  const station = await seat(browser, mexico);
  const prepared = await prepare(station.page);
  await signIn(staff.page, "linyue");
  await signIn(station.page, "mexico");
  const room = await stationRoom(staff.page);
  for (const { page } of [staff, station]) await goLive(page, room);
  await seesAndHears(staff.page, ["周宁远"]);
  await seesAndHears(station.page, ["林悦"]);
  return { staff, station, prepared };
}

/** What is arranged: all of it but the title may be left out. */
interface Arranged {
  title: string;
  /** The one who comes by a personal link. */
  guest: string;
  /** In milliseconds from now. */
  starts?: number;
  codec?: string;
  /** Names of accounts that are invited, too. */
  members?: string[];
}

/** Arranges a meeting through the interface, hosted by who is signed in; returns the guest's link, too. */
export async function arranged(
  page: Page,
  { title, guest, starts = 60_000, codec = "auto", members = [] }: Arranged,
): Promise<{ id: string; room: string; link: string; token: string }> {
  const headers = { origin: new URL(page.url()).origin };
  const host: { id: string } = await (await page.request.get("/api/session")).json();
  const accounts: { id: string; name: string }[] = await (await page.request.get("/api/accounts")).json();
  const local = (after: number) => new Date(Date.now() + after).toISOString().slice(0, 16);
  const invited = accounts.filter((a) => members.includes(a.name));
  const made = await page.request.post("/api/meetings", {
    headers,
    data: {
      title,
      host_id: host.id,
      starts_at: local(starts),
      ends_at: local(starts + 3600_000),
      time_zone: "UTC",
      may_be_recorded: true,
      video_codec: codec,
      invitees: [
        ...invited.map((a) => ({ kind: "account", ref: a.id, name: a.name })),
        { kind: "address", name: guest, email: "guest@example.org", language: "en" },
      ],
    },
  });
  expect(made.ok(), await made.text()).toBe(true);
  const meeting: { id: string; room_id: string; invitees: { id: string; guest: boolean }[] } =
    await made.json();
  const id = meeting.invitees.find((i) => i.guest)?.id;
  const { url } = await (await page.request.get(`/api/meetings/${meeting.id}/invitees/${id}/link`)).json();
  const { pathname, hash } = new URL(url);
  return { id: meeting.id, room: meeting.room_id, link: pathname + hash, token: hash.slice(1) };
}

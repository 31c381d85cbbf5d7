import { expect, it } from "vitest";
import type { Participant } from "../wire/messages";
import { mainTile, modeFor, pageOf, tilesOf, withMain } from "./stageTiles";
import { fromSnapshot } from "./state";
import { aPerson, aSnapshot } from "./testing/fixtures";

const person = (id: string, screen = false) =>
  aPerson(id, { sources: screen ? [{ source: "screen", live: true, muted: false }] : [] });
const live = (...participants: Participant[]) => fromSnapshot(aSnapshot({ participants }));

it("shows screens first, us last, and never our own screen", () => {
  const tiles = tilesOf(live(person("me", true), person("a"), person("b", true)));
  expect(tiles.map((t) => t.key)).toEqual(["b:screen", "a:person", "b:person", "me:person"]);
});

it("chooses the large tile", () => {
  const tiles = tilesOf(live(person("me"), person("a"), person("b")));
  expect(mainTile(tiles, undefined, undefined)).toBe("a:person");
  expect(mainTile(tiles, undefined, "b")).toBe("b:person");
  expect(mainTile(tiles, "a:person", "b")).toBe("a:person");
  expect(mainTile(tiles, "gone:person", "b")).toBe("b:person");
  expect(withMain(tiles, "b:person")[0]?.key).toBe("b:person");
  expect(mainTile(tilesOf(live(person("me"))), undefined, undefined)).toBe("me:person");
});

it("changes to the large view for a screen or a pin", () => {
  const plain = tilesOf(live(person("me"), person("a")));
  const shared = tilesOf(live(person("me"), person("a", true)));
  expect(modeFor("automatic", plain, undefined)).toBe("grid");
  expect(modeFor("automatic", shared, undefined)).toBe("speaker");
  expect(modeFor("grid", shared, undefined)).toBe("grid");
  expect(modeFor("grid", plain, "a:person")).toBe("speaker");
});

it("pages", () => {
  const tiles = tilesOf(live(...Array.from({ length: 30 }, (_, i) => person(`p${i}`))));
  expect(pageOf(tiles, 0, 25).tiles).toHaveLength(25);
  expect(pageOf(tiles, 9, 25)).toMatchObject({ pages: 2 });
  expect(pageOf(tiles, 9, 25).tiles).toHaveLength(5);
});

import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, expect, it } from "vitest";
import type { RoomDetail } from "../api/types";
import { accountsQuery, queries, stationsQuery } from "../app/queries";
import { MentionList } from "./MentionList";
import type { Mentionable } from "./mentions";
import { type Scene, SceneContext } from "./scene";

const account = (id: string, name: string, more: object) =>
  ({ id, name, role: "ambassador", user_name: id, ...more }) as never;

beforeEach(() => {
  i18n.loadAndActivate({ locale: "en", messages: {} });
  queries.setQueryData(stationsQuery.queryKey, [{ id: "s", name: "柏林", name_en: "Berlin" } as never]);
  queries.setQueryData(accountsQuery.queryKey, [
    account("wangwei", "王伟", {}),
    account("wangwei2", "王伟", {}),
    account("berlin", "王伟", { role: "station", station_id: "s" }),
    account("limin", "李敏", {}),
  ]);
});

/** What a screen reader reads of the options, in order. */
function options(offered: Mentionable[], scene: Scene | undefined): string[] {
  const [picked] = offered;
  if (!picked) throw new Error("nobody is offered");
  const list = createElement(MentionList, { id: "l", offered, picked, onPick: () => undefined });
  const html = renderToStaticMarkup(
    createElement(I18nProvider, { i18n }, createElement(SceneContext, { value: scene }, list)),
  );
  const shown = html.replace(/<span[^>]*aria-hidden="true"[^>]*>.*?<\/span>/g, "");
  return shown
    .split(/(?=<div id="l-)/)
    .slice(1)
    .map((o) => o.replace(/<[^>]*>/g, "").trim());
}

const person = (id: string, name: string, kind: "account" | "guest" = "account") => ({ id, name, kind });
const scene = { room: {} as RoomDetail } as Scene;

it("tells two of one name apart", () => {
  const offered = ["wangwei", "wangwei2", "berlin"].map((id) => person(id, "王伟"));
  offered.push(person("limin", "李敏"), person("g", "李敏", "guest"));
  expect(options(offered, scene)).toEqual([
    expect.stringMatching(/王伟 Talent ambassador · wangwei$/),
    expect.stringMatching(/王伟 Talent ambassador · wangwei2$/),
    expect.stringMatching(/王伟 Berlin$/),
    expect.stringMatching(/李敏 Talent ambassador$/),
    expect.stringMatching(/李敏 Guest$/),
  ]);
});

it("says nothing more of who is alone with a name, nor to guests", () => {
  expect(options([person("limin", "李敏"), person("wangwei", "王伟")], scene).join()).not.toMatch(/Talent/);
  expect(options([person("wangwei", "王伟"), person("wangwei2", "王伟")], undefined).join()).not.toMatch(
    /wangwei/,
  );
});

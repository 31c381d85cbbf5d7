import { i18n } from "@lingui/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useToasts } from "../ui/toast";
import { call } from "./client";
import { isFinal } from "./problem";

beforeEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));
afterEach(() => vi.unstubAllGlobals());

const answer = (status: number, body: object) => {
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status }));
  return call("GET", "/x").catch((error: unknown) => error);
};

describe("what the server refuses", () => {
  it("is no end of the matter where it was too much at once, and is said to the person", async () => {
    const error = await answer(429, { code: "rate", retry_after: 7 });
    expect(error).toMatchObject({ code: "rate", retryAfter: 7 });
    expect(isFinal(error)).toBe(false);
    expect(useToasts.getState().shown).toHaveLength(1);
  });

  it("is final where it is the request's fault", async () => {
    expect(isFinal(await answer(404, { code: "room_not_found" }))).toBe(true);
    expect(isFinal(await answer(503, { code: "unavailable" }))).toBe(false);
    expect(isFinal(new TypeError("x"))).toBe(false);
  });
});

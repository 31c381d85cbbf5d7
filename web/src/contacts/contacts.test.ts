import { describe, expect, it } from "vitest";
import type { Contact } from "../api/types";
import { countryName, countryOptions } from "./country";
import { bodyOf, type Draft, draftOf, emptyDraft } from "./draft";
import { merge } from "./merge";

const contact: Contact = {
  id: "1",
  kind: "person",
  name: "徐崇玉",
  name_latin: "Chongyu Xu",
  aliases: ["老徐"],
  title: "教授",
  organisation_id: "o",
  organisation_name: "曼谷大学",
  categories: ["b", "a"],
  country_code: "TH",
  city: "曼谷",
  language: "zh-CN",
  time_zone: "Asia/Bangkok",
  notes: "",
  fields: [
    { id: "f", kind: "phone", label: "", value: "+66 2 000 0000", source: "名片", verified_at: "2026-05-01" },
  ],
  version: 3,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-05-01T00:00:00Z",
};

describe("countries and regions", () => {
  it("are named as the house must write them", () => {
    const names = countryOptions("zh-CN").map((o) => o.label);
    for (const region of ["香港", "澳门", "台湾"]) {
      expect(names).toContain(`中国${region}`);
      expect(names.filter((name) => name.startsWith(region))).toEqual([]);
    }
    expect(countryName("TW", "en")).toBe("Taiwan, China");
    expect(countryName("DE", "zh-CN")).toBe("德国");
  });
});

describe("draft", () => {
  it("is sent as it was read when nothing was changed", () => {
    expect(bodyOf(draftOf(contact))).toEqual({
      kind: "person",
      name: "徐崇玉",
      name_latin: "Chongyu Xu",
      aliases: ["老徐"],
      title: "教授",
      organisation_id: "o",
      organisation_name: "",
      categories: ["a", "b"],
      country_code: "TH",
      city: "曼谷",
      language: "zh-CN",
      time_zone: "Asia/Bangkok",
      notes: "",
      fields: [
        { kind: "phone", label: "", value: "+66 2 000 0000", source: "名片", verified_at: "2026-05-01" },
      ],
    });
  });
  it("splits other names, leaves out empty fields, and gives an organisation no employer", () => {
    const draft: Draft = {
      ...emptyDraft("s"),
      kind: "organisation",
      name: " 徐州商会 ",
      aliases: "商会\n Li, Wei \n\n商会",
      title: "会长",
      organisation: { id: "", name: "谁" },
      fields: [{ key: "k", kind: "email", label: "", value: " ", source: "", verified: "" }],
    };
    const body = bodyOf(draft);
    expect(body.aliases).toEqual(["商会", "Li, Wei"]);
    expect(bodyOf(draftOf({ ...contact, aliases: ["Li, Wei"] })).aliases).toEqual(["Li, Wei"]);
    expect(body).toMatchObject({
      name: "徐州商会",
      title: "",
      organisation_name: "",
      station_id: "s",
      fields: [],
    });
  });
});

describe("two changes of one contact", () => {
  const base = draftOf(contact);
  it("are both kept when they touch different parts", () => {
    const theirs = draftOf({ ...contact, city: "清迈", fields: [] });
    expect(merge(base, { ...base, title: "院长" }, theirs)).toEqual({
      draft: { ...base, title: "院长", city: "清迈", fields: [] },
      clashes: [],
    });
  });
  it("are shown when they touch the same part, and agree when they say the same", () => {
    const theirs = { ...base, title: "所长", city: "清迈" };
    const merged = merge(base, { ...base, title: "院长", city: " 清迈 " }, theirs);
    expect(merged.clashes).toEqual(["title"]);
    expect(merged.draft.title).toBe("院长");
  });
  it("do not differ by the server's ids of fields", () => {
    const theirs = draftOf({ ...contact, fields: contact.fields.map((f) => ({ ...f, id: "other" })) });
    expect(merge(base, { ...base, fields: [] }, theirs)).toEqual({
      draft: { ...base, fields: [] },
      clashes: [],
    });
  });
});

describe("countries", () => {
  it("have a name in both languages", () => {
    expect(countryName("KZ", "zh-CN")).toBe("哈萨克斯坦");
    expect(countryName("KZ", "en")).toBe("Kazakhstan");
    expect(countryName("", "en")).toBe("");
  });
  it("are those of today", () => {
    const codes = countryOptions("en").map((c) => c.value);
    expect(codes.length).toBeGreaterThan(240);
    expect(codes.length).toBeLessThan(252);
    for (const gone of ["DD", "SU", "YU", "EU", "ZZ", "UK"]) expect(codes).not.toContain(gone);
    expect(new Set(countryOptions("zh-CN").map((c) => c.label)).size).toBe(codes.length);
  });
});

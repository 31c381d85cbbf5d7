import { describe, expect, it, vi } from "vitest";
import type { Send, Watching } from "./upload";
import { createUploads, mostFiles, nameOf } from "./uploads";

/** A network by hand: each sending waits for what the test tells it. */
function network() {
  const sent: { name: string; as: string; watching: Watching; resumed: number; cancelled: boolean }[] = [];
  const send: Send = (_, { name }, as, watching) => {
    const one = { name, as, watching, resumed: 0, cancelled: false };
    sent.push(one);
    return {
      resume: () => {
        one.resumed += 1;
      },
      cancel: () => {
        one.cancelled = true;
      },
    };
  };
  return { sent, send };
}

const file = (name: string, type = "text/plain") => new File(["abc"], name, { type });
const look = () => Promise.resolve({ width: 40, height: 30 });

describe("the files of a message", () => {
  it("are taken into it when they are there", async () => {
    const { sent, send } = network();
    const uploads = createUploads({ send, as: () => "guest", look });
    expect(uploads.add([file("a.txt"), file("b.png", "image/png")])).toBe(0);
    expect(sent.map((s) => [s.name, s.as])).toEqual([
      ["a.txt", "guest"],
      ["b.png", "guest"],
    ]);
    sent[1]?.watching.progress(2);
    sent[1]?.watching.done("id-b", false);
    await vi.waitFor(() => expect(uploads.store.getState()[1]?.attachment.preview).toBe(true));
    expect(uploads.take()).toMatchObject([{ id: "id-b", name: "b.png", width: 40, height: 30, size: 3 }]);
    expect(uploads.store.getState().map((i) => [i.name, i.state])).toEqual([["a.txt", "sending"]]);
  });

  it("are sent again where they stopped", () => {
    const { sent, send } = network();
    const uploads = createUploads({ send, as: () => "account", look });
    uploads.add([file("a.txt")]);
    sent[0]?.watching.failed("scanner_unavailable");
    const [failed] = uploads.store.getState();
    expect(failed).toMatchObject({ state: "failed", code: "scanner_unavailable" });
    expect(uploads.take()).toEqual([]);
    uploads.retry(failed?.key ?? 0);
    expect(sent[0]?.resumed).toBe(1);
    expect(uploads.store.getState()[0]?.state).toBe("sending");
  });

  it("are forgotten when they are taken out", () => {
    const { sent, send } = network();
    const uploads = createUploads({ send, as: () => "account", look });
    uploads.add([file("a.txt")]);
    uploads.remove(uploads.store.getState()[0]?.key ?? 0);
    expect(sent[0]?.cancelled).toBe(true);
    sent[0]?.watching.done("late", false);
    expect(uploads.store.getState()).toEqual([]);
  });

  it("are not more than a message carries", () => {
    const { sent, send } = network();
    const uploads = createUploads({ send, as: () => "account", look });
    const many = Array.from({ length: mostFiles + 3 }, (_, i) => file(`${i}.txt`));
    expect(uploads.add(many)).toBe(3);
    expect(sent).toHaveLength(mostFiles);
    expect(uploads.add([file("one more")])).toBe(1);
  });

  it("say that they may tell where they were taken", () => {
    const { sent, send } = network();
    const uploads = createUploads({ send, as: () => "account", look });
    uploads.add([file("scan.tif"), file("a.txt")]);
    sent[0]?.watching.done("a", true);
    sent[1]?.watching.done("b", false);
    expect(uploads.store.getState().map((i) => i.mayTellPlace)).toEqual([true, false]);
  });

  it("say that something was spoken, and how long", () => {
    const { sent, send } = network();
    const uploads = createUploads({ send, as: () => "account", look });
    const there = vi.fn();
    uploads.addVoice(new Blob(["x"], { type: "audio/webm;codecs=opus" }), 4210.4, there);
    expect(uploads.store.getState()).toHaveLength(1);
    sent[0]?.watching.done("v", false);
    expect(there).toHaveBeenCalledWith(
      expect.objectContaining({
        id: "v",
        name: "voice.webm",
        type: "audio/webm",
        voice: true,
        duration_ms: 4210,
        preview: false,
      }),
    );
    expect(uploads.store.getState()).toEqual([]);
  });
});

it("tells pictures from the clipboard apart by their time", () => {
  const at = new Date("2026-11-25T08:09:10Z");
  expect(nameOf(file("image.png", "image/png"), at)).toBe("20261125-080910.png");
  expect(nameOf(file("合影.jpg", "image/jpeg"), at)).toBe("合影.jpg");
});

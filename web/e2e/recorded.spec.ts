import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { openFirefox } from "./firefox";

/** What the recorder writes of tones with nothing, and with comfort noise, between them; Go holds it to the code. */
const content = readFileSync(
  join(import.meta.dirname, "../../internal/recording/testdata/tones.webm"),
).toString("base64");

const tones = [0, 11, 22];
const end = 22.6;

/** Decodes a recording in the browser: how long it is, for an element and as samples, and where tones begin, in seconds. */
async function decode(content: string): Promise<{ shown: number; length: number; begin: number[] }> {
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  const element = document.createElement("video");
  element.src = URL.createObjectURL(new Blob([bytes], { type: "video/webm" }));
  await new Promise((done) => element.addEventListener("loadedmetadata", done, { once: true }));
  const decoded = await new OfflineAudioContext(1, 48_000, 48_000).decodeAudioData(bytes.buffer);
  const samples = decoded.getChannelData(0);
  const begin: number[] = [];
  const step = 480; // 10 ms
  let quiet = 20;
  for (let at = 0; at + step <= samples.length; at += step) {
    const power = samples.subarray(at, at + step).reduce((sum, s) => sum + s * s, 0) / step;
    if (power > 1e-4 && quiet >= 20) begin.push(at / 48_000);
    quiet = power > 1e-4 ? 0 : quiet + 1;
  }
  return { shown: element.duration, length: decoded.duration, begin };
}

/** Plays a recording from shortly before each tone, as the player does, and returns where it is when the tone is heard. */
async function play({ content, tones }: { content: string; tones: number[] }): Promise<number[]> {
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  const element = document.createElement("video");
  element.src = URL.createObjectURL(new Blob([bytes], { type: "video/webm" }));
  await new Promise((done) => element.addEventListener("loadeddata", done, { once: true }));
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaElementSource(element).connect(analyser).connect(context.destination);
  await context.resume();
  const samples = new Float32Array(analyser.fftSize);
  const heard = () => {
    analyser.getFloatTimeDomainData(samples);
    return samples.reduce((sum, s) => sum + s * s, 0) / samples.length > 1e-4;
  };
  const at: number[] = [];
  for (const tone of tones) {
    if (tone > 0) {
      element.currentTime = tone - 0.5;
      await new Promise((done) => element.addEventListener("seeked", done, { once: true }));
    }
    await element.play();
    while (!heard() && element.currentTime < tone + 2) await new Promise((done) => setTimeout(done, 5));
    at.push(element.currentTime);
    element.pause();
    while (heard()) await new Promise((done) => setTimeout(done, 5)); // what is on its way
  }
  return at;
}

/** Compares times in seconds. */
function near(found: readonly number[], wanted: readonly number[], within: number): void {
  const off = found.map((t, i) => Math.abs(t - (wanted[i] ?? Number.NaN)));
  expect(found, `${found}`).toHaveLength(wanted.length);
  expect(Math.max(...off), `${found}`).toBeLessThan(within);
}

test("Chromium plays what was recorded where it was", async ({ page }) => {
  const { shown, length, begin } = await page.evaluate(decode, content);
  near([shown, length], [end, end], 0.1);
  near(begin, tones, 0.1);
  // An element tells where it is some time after its sound was taken.
  near(await page.evaluate(play, { content, tones }), tones, 0.4);
});

test("Firefox plays what was recorded where it was", async () => {
  const firefox = await openFirefox("en-GB");
  try {
    // Without a device for sound it runs no AudioContext, so its decoder is asked alone.
    const page = await firefox.newPage();
    const { shown, length, begin } = await page.evaluate(decode, content);
    near([shown, length], [end, end], 0.1);
    near(begin, tones, 0.1);
  } finally {
    await firefox.close();
  }
});

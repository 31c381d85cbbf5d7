import { toast } from "./toast";

/** Puts a text on the clipboard, and tells; where the browser refuses, too. */
export async function copyText(text: string, done: string, failed: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    toast(failed);
  }
}

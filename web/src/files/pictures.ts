import type { Attachment } from "../wire/messages";
import { fileURL, previewURL } from "./addresses";

/** Up to what size a picture without a preview is shown as it is, in pixels and in bytes. */
const mostPixels = 40_000_000;
const mostBytes = 20_000_000;

/** Whether browsers and the hub take it for a picture. */
export function isPicture(type: string): boolean {
  return ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"].includes(type);
}

/**
 * Whether a file is shown as a picture: one with a preview, and one that the hub cannot draw and every browser can,
 * such as an animated WebP. A picture that is too large for either is a file.
 */
export function isShownAsPicture(
  file: Pick<Attachment, "preview" | "type" | "size" | "width" | "height">,
): boolean {
  if (file.preview) return true;
  const pixels = file.width * file.height;
  return isPicture(file.type) && pixels > 0 && pixels <= mostPixels && file.size <= mostBytes;
}

/** Where a picture is found for a small place. */
export function smallURL(picture: Pick<Attachment, "id" | "preview">): string {
  return picture.preview ? previewURL(picture.id) : fileURL(picture.id);
}

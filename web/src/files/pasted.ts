/**
 * The files that were pasted. Cells of a spreadsheet come as text and, besides, as a picture of themselves: meant is
 * the text. A picture alone, and a file with its name as text, are meant as files.
 */
export function pastedFiles(files: readonly File[], text: string): File[] {
  const [first] = files;
  const isPictureOfText = files.length === 1 && first?.name === "image.png" && text.trim() !== "";
  return isPictureOfText ? [] : [...files];
}

import { pieces } from "./mentions";

/** A message's text: line breaks kept, links to press, mentions marked. */
export function RichText({ text, names }: { text: string; names: readonly string[] }) {
  let at = 0;
  return (
    <span className="whitespace-pre-wrap wrap-anywhere">
      {pieces(text, names).map((piece) => {
        at += piece.text.length;
        if (piece.kind === "text") return piece.text;
        if (piece.kind === "mention") {
          return (
            <span key={at} className="font-medium text-accent">
              {piece.text}
            </span>
          );
        }
        return (
          <a
            key={at}
            href={piece.text}
            target="_blank"
            rel="noreferrer noopener"
            className="text-accent underline underline-offset-2"
          >
            {piece.text}
          </a>
        );
      })}
    </span>
  );
}

import type { Piece } from "../api/types";

/** A text with what was searched for marked in it. */
export function Marked({ pieces }: { pieces: readonly Piece[] }) {
  let at = 0;
  return pieces.map((piece) => {
    at += piece.text.length;
    return piece.hit ? (
      <mark key={at} className="rounded-sm bg-warn-soft text-inherit">
        {piece.text}
      </mark>
    ) : (
      <span key={at}>{piece.text}</span>
    );
  });
}

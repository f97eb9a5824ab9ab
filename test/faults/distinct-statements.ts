// Documents that need statements of their own: no two of a kind have the same text for the database.

const COLUMNS = ["createdAt", "updatedAt", "metadata", "agent { name }", "turns { totalCount }"];
const TURN_COLUMNS = ["position", "revision", "role", "state", "timestamp", "errorDetail", "messages { __typename }"];

/** The document with this number, which reads two lists of turns: a subset of all columns. */
export function distinctDocument(number: number): string {
  const [first, last] = [number % 2 ** TURN_COLUMNS.length, number >> TURN_COLUMNS.length];
  return `{ conversations(first: 5) { nodes { id ${some(COLUMNS, last)}
    first: turns(first: 5) { nodes { id ${some(TURN_COLUMNS, first)} } }
    last: turns(last: 3, filter: { role: USER }) { totalCount nodes { id ${some(TURN_COLUMNS, last)} } }
  } } }`;
}

const WORDS = 30;

/** A document with a search for 30 words, of which the bits of the number say where another alternative begins. */
export function distinctSearch(number: number): string {
  const words = Array.from({ length: WORDS }, (_, index) => `${((2 * number) >> index) & 1 ? "or " : ""}word${index}`);
  return `{ conversations(first: 1, filter: { search: "${words.join(" ")}" }) { nodes { id } } }`;
}

function some(columns: readonly string[], bits: number): string {
  return columns.filter((_, index) => (bits >> index) & 1).join(" ");
}

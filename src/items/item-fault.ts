/** What is wrong with an incoming item. `param` is the path of the member at fault, such as `items[0].call_id`. */
export type ItemFault =
  | { code: "missing_required_parameter"; param: string }
  /** `expected` and `got` are worded to follow "expected": `a string`, `an integer`. */
  | { code: "invalid_type"; param: string; expected: string; got: string }
  /** A word beside those that are supported. */
  | { code: "invalid_word"; param: string; value: string; supported: readonly string[] }
  /** Any other rule: `rule` is worded to follow "Expected": `a string of letters, digits, …`. */
  | { code: "invalid_value"; param: string; rule: string }
  | { code: "string_above_max_length"; param: string; most: number; length: number }
  | { code: "string_below_min_length"; param: string; least: number; length: number }
  /** Two items of one call, or an item that the conversation has, with the id. */
  | { code: "duplicate"; param: "items"; id: string };

/** The type of a JSON value in the words of the API: `an integer`, `a string`, `null`, … */
export function wordOfType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return "a string";
  if (typeof value === "boolean") return "a boolean";
  if (typeof value === "number") return wordOfNumber(String(value));
  const raw = (value as { rawJSON?: unknown }).rawJSON;
  return typeof raw === "string" && Object.isFrozen(value) ? wordOfNumber(raw) : "an object";
}

function wordOfNumber(source: string): string {
  return /^-?\d+$/.test(source) ? "an integer" : "a decimal";
}

/**
 * The property of the row that a field exposes as it is (`t.expose…`); null for any other field. A way into Pothos, which notes
 * it in the field's extensions and does not document it. The contract is held by test/house/seams.test.ts.
 */
export function exposedName(extensions: Readonly<Record<string, unknown>>): string | null {
  const name = extensions.pothosExposedField;
  return typeof name === "string" ? name : null;
}

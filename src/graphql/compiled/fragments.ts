import { isObjectType } from "graphql";

import { FRAGMENT_KEYS, type RawFragment, splitFragments } from "../../store/raw/fragment-values.ts";
import type { RawValues } from "../../store/raw/values.ts";
import { sourceOf } from "../schema/field-source.ts";
import { FRAGMENT_TYPES } from "../schema/message-fragment.ts";
import { exposedName } from "./exposed-field.ts";
import { type Compilation, compileObject, type SelectedField } from "./selection.ts";
import { compileComputed, writeFragmentValue } from "./values.ts";
import { NotCompiled, type Write, writeArray } from "./writer.ts";

/** Writes a turn's messages, each as what is selected of its type in the union. `place` is known once the document is compiled. */
export function compileMessages(
  compilation: Compilation,
  field: SelectedField,
  place: () => number,
): Write<{ texts: RawValues }> {
  const ofKind = {
    text: compileKind(compilation, field, "text"),
    functionCall: compileKind(compilation, field, "functionCall"),
    functionResponse: compileKind(compilation, field, "functionResponse"),
  };
  const write = writeArray<RawFragment>((fragment, out) => ofKind[fragment.kind](fragment, out));
  return ({ texts: { bytes, bounds } }, out) => {
    const at = 2 * place();
    write(splitFragments(bytes, bounds[at] ?? 0, bounds[at + 1] ?? 0), out);
  };
}

function compileKind(
  compilation: Compilation,
  { nodes }: SelectedField,
  kind: RawFragment["kind"],
): Write<RawFragment> {
  const type = compilation.schema.getType(FRAGMENT_TYPES[kind]);
  if (!isObjectType(type)) throw new NotCompiled();
  const keys = FRAGMENT_KEYS[kind];
  return compileObject(compilation, type, nodes, (field) => {
    const { type: valueType, extensions } = field.definition;
    const what = sourceOf(extensions);
    if (what === undefined) return writeFragmentValue(valueType, keys.indexOf(exposedName(extensions) ?? ""));
    if (what.from !== "columns") throw new NotCompiled();
    const columns = what.columns.map((name) => ({ name, place: () => keys.indexOf(name) }));
    return compileComputed(compilation, field, columns);
  });
}

import {
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from "graphql";

/** A document of another surface with one root field, which reads conversations: a page of them, or those with some ids. */
export interface StoredDocument<Variables, Field extends string, TurnField extends string> {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  /** What is read of each conversation. */
  fields: readonly Field[];
  /** What is read of each turn of its list `turns`; nothing where there is no such list. */
  turnFields: readonly TurnField[];
  /** Only for the types: no value ever carries it. */
  readonly shape?: (variables: Variables) => void;
}

interface Source<Variables> {
  /** Binds the names by which rows are read. Throws for one that the document does not select. */
  reading<const Field extends string, const TurnField extends string = never>(
    fields: readonly Field[],
    turnFields?: readonly TurnField[],
  ): StoredDocument<Variables, Field, TurnField>;
}

/** The document with this source, parsed once, at load. Its author answers for its size and its variables; the tests run every one. */
export function storedDocument<Variables>(source: string): Source<Variables> {
  const document = parse(source);
  const operation = getOperationAST(document);
  const [root] = operation ? fieldsOf(operation.selectionSet) : [];
  if (!operation || root === undefined) throw new Error("A stored document has one operation with one root field.");
  const rows = nodesOf(root);
  return {
    reading(fields, turnFields = []) {
      requireFields(rows, fields);
      if (turnFields.length > 0) requireFields(nodesOf(findField(rows, "turns")), turnFields);
      return { document, operation, fields, turnFields };
    },
  };
}

/** The fields of each row: those of a connection's `nodes`, else those of the field itself. */
function nodesOf(field: FieldNode | undefined): readonly FieldNode[] {
  const fields = fieldsOf(field?.selectionSet);
  const nodes = findField(fields, "nodes");
  return nodes === undefined ? fields : fieldsOf(nodes.selectionSet);
}

/** The fields that are selected, those of inline fragments among them. */
function fieldsOf(selectionSet: SelectionSetNode | undefined): readonly FieldNode[] {
  return (selectionSet?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error("A stored document has no named fragments.");
    return selection.kind === Kind.FIELD ? [selection] : fieldsOf(selection.selectionSet);
  });
}

function findField(fields: readonly FieldNode[], name: string): FieldNode | undefined {
  return fields.find((field) => field.name.value === name && field.alias === undefined);
}

function requireFields(selected: readonly FieldNode[], names: readonly string[]): void {
  for (const name of names) {
    if (findField(selected, name) === undefined) throw new Error(`The stored document does not select ${name}.`);
  }
}

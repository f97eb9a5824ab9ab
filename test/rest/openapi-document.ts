import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

import type { RawAnswer } from "../harness/raw-request.ts";

interface Parameter {
  name: string;
  in: string;
  schema: object;
}

interface Response {
  headers: Record<string, { schema?: object; $ref?: string }>;
  content: Record<string, { schema: { $ref: string } }>;
}

interface Operation {
  operationId: string;
  parameters: (Parameter | { $ref: string })[];
  requestBody?: Pick<Response, "content">;
  responses: Record<string, Response>;
}

export type OpenApiMethod = "get" | "post" | "delete";

interface OpenApiDocument {
  openapi: string;
  info: { version: string };
  paths: Record<string, Partial<Record<OpenApiMethod, Operation>>>;
  components: object;
}

export interface Checker {
  document: OpenApiDocument;
  operation(path: string, method?: OpenApiMethod): Operation;
  /** What is wrong with the answer by the document; null when nothing is. */
  faultOf(path: string, answer: Pick<RawAnswer, "status" | "headers" | "text">, method?: OpenApiMethod): string | null;
  /** Whether the document allows the body for the call. */
  allowsBody(path: string, method: OpenApiMethod, body: unknown): boolean;
  /** Whether the document allows the value for the query's parameter. */
  allows(path: string, name: string, value: unknown): boolean;
}

/** The served document, with a validator of its own to hold answers and parameters against it. */
export async function loadDocument(origin: string): Promise<Checker> {
  const response = await fetch(`${origin}/openapi.json`);
  const document: OpenApiDocument = JSON.parse(await response.text());
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  formats.default(ajv);
  ajv.addFormat("unixtime", true).addKeyword("components");
  // The module's schemas are named from the root of the document.
  ajv.addSchema({ $id: "document", components: document.components });
  const operation = (path: string, method: OpenApiMethod = "get") => {
    const found = document.paths[path]?.[method];
    if (found === undefined) throw new Error(`The document has no ${method} ${path}`);
    return found;
  };
  const check = (schema: object, value: unknown) =>
    ajv.validate(schema, value) ? null : ajv.errorsText(ajv.errors, { dataVar: "" });
  return {
    document,
    operation,
    allowsBody(path, method, body) {
      const schema = operation(path, method).requestBody?.content["application/json"]?.schema;
      if (schema === undefined) throw new Error(`The document has no body for ${method} ${path}`);
      return check({ $ref: `document${schema.$ref}` }, body) === null;
    },
    faultOf(path, { status, headers, text }, method) {
      const expected = operation(path, method).responses[status];
      if (expected === undefined) return `status ${status} is not documented`;
      const missing = Object.keys(expected.headers).find((name) => headers[name] === undefined);
      if (missing !== undefined) return `the header ${missing} is missing`;
      const type = headers["content-type"]?.split(";")[0] ?? "";
      const content = expected.content[type];
      if (content === undefined) return `the type ${type} is not documented`;
      return check({ $ref: `document${content.schema.$ref}` }, JSON.parse(text));
    },
    allows(path, name, value) {
      const parameter = operation(path).parameters.find((one): one is Parameter => "name" in one && one.name === name);
      if (parameter === undefined) throw new Error(`The document has no ${name}`);
      return check(parameter.schema, value) === null;
    },
  };
}

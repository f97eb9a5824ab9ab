import manifest from "../../package.json" with { type: "json" };
import { CONSISTENCY_HEADER, TOKEN_PATTERN } from "../http/consistency-token.ts";
import { ISOLATION_HEADERS } from "../http/isolation-header.ts";
import { MAX_ISOLATION_KEY_BYTES } from "../model/rules.ts";
import { DIALECTS } from "./dialects.ts";
import { toSchemas } from "./openapi-parts.ts";

const DESCRIPTION = `Two documented APIs over one store of conversations, for callers that have them already.
New ones find more at \`/graphql\`.

A parameter that is not listed is ignored; a listed one given twice is an error. \`HEAD\` is answered like \`GET\`,
without the body. Until the first key was created no key is needed, unless the server takes tokens.`;

/** The OpenAPI 3.1 document of all dialects, made from the rules that check their parameters and the types of their answers. */
export function createOpenApiDocument(): object {
  const { version, license } = manifest;
  const published = DIALECTS.map((dialect) => dialect.published);
  return {
    openapi: "3.1.1",
    info: {
      title: "conversation-graph: the REST APIs",
      version,
      description: DESCRIPTION,
      license: { name: license, identifier: license },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { apiKey: [] }, {}],
    tags: published.map(({ tag }) => tag),
    paths: Object.assign({}, ...published.map(({ paths }) => paths())),
    components: {
      schemas: Object.assign({}, ...published.map(({ schemas }) => toSchemas(schemas))),
      parameters: headerParameters(),
      headers: {
        RequestId: { description: "Names the request in the server's log.", schema: { type: "string" } },
      },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description:
            "`Authorization: Bearer KEY`; where the server takes tokens, also a user's own (JWT), which stands for that user alone.",
        },
        apiKey: { type: "apiKey", in: "header", name: "api-key", description: "`api-key: KEY`" },
      },
    },
  };
}

function headerParameters(): object {
  const [name, newerName] = ISOLATION_HEADERS;
  const schema = { type: "string", minLength: 1, maxLength: MAX_ISOLATION_KEY_BYTES };
  const rule = `1 to ${MAX_ISOLATION_KEY_BYTES} bytes of UTF-8 without control characters`;
  return {
    IsolationKey: {
      name,
      in: "header",
      description: `Only this user's conversations: ${rule}. A key of access \`user\` cannot do without it.`,
      schema,
    },
    Identity: {
      name: newerName,
      in: "header",
      description: `The newer name of ${name}. Where both are sent they must be the same.`,
      schema,
    },
    IdempotencyKey: {
      name: "idempotency-key",
      in: "header",
      description:
        "Names the call: the same one with the key is done once, and answered alike. The keys are those of GraphQL's mutations.",
      schema: { type: "string", minLength: 1, maxLength: 255 },
    },
    ConsistencyToken: {
      name: CONSISTENCY_HEADER,
      in: "header",
      description: "What a write was answered with: the page shows that write. Of use only where there are replicas.",
      schema: { type: "string", pattern: TOKEN_PATTERN.source },
    },
  };
}

import manifest from "../../package.json" with { type: "json" };
import { CONSISTENCY_HEADER } from "../http/consistency-token.ts";
import { ISOLATION_HEADERS } from "../http/isolation-header.ts";
import { MAX_ISOLATION_KEY_BYTES } from "../model/rules.ts";
import { FIXIE_ANSWERS } from "./fixie/answers.ts";
import { FIXIE_TAG, fixiePaths } from "./fixie/openapi.ts";
import { FOUNDRY_ANSWERS } from "./foundry/answers.ts";
import { FOUNDRY_TAG, foundryPaths } from "./foundry/openapi.ts";
import { toSchemas } from "./openapi-parts.ts";

const DESCRIPTION = `Two documented list endpoints over one store of conversations, for callers that have them already.
New ones find more at \`/graphql\`.

A parameter that is not listed is ignored; a listed one given twice is an error. \`HEAD\` is answered like \`GET\`,
without the body. Until the first key was created no key is needed.`;

/** The OpenAPI 3.1 document of both lists, made from the rules that check their parameters and the types of their answers. */
export function createOpenApiDocument(): object {
  const { version, license } = manifest;
  return {
    openapi: "3.1.1",
    info: {
      title: "conversation-graph: the REST lists",
      version,
      description: DESCRIPTION,
      license: { name: license, identifier: license },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { apiKey: [] }, {}],
    tags: [FOUNDRY_TAG, FIXIE_TAG],
    paths: { ...foundryPaths(), ...fixiePaths() },
    components: {
      schemas: { ...toSchemas(FOUNDRY_ANSWERS), ...toSchemas(FIXIE_ANSWERS) },
      parameters: headerParameters(),
      headers: {
        RequestId: { description: "Names the request in the server's log.", schema: { type: "string" } },
      },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "`Authorization: Bearer KEY`" },
        apiKey: { type: "apiKey", in: "header", name: "api-key", description: "`api-key: KEY`" },
      },
    },
  };
}

function headerParameters(): object {
  const [name, newerName] = ISOLATION_HEADERS;
  const schema = { type: "string", minLength: 1, maxLength: MAX_ISOLATION_KEY_BYTES };
  const rule = `1 to ${MAX_ISOLATION_KEY_BYTES} bytes without control characters`;
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
    ConsistencyToken: {
      name: CONSISTENCY_HEADER,
      in: "header",
      description: "What a write was answered with: the page shows that write. Of use only where there are replicas.",
      schema: { type: "string", pattern: "^[0-9a-f]{16}$" },
    },
  };
}

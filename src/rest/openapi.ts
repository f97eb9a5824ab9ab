import manifest from "../../package.json" with { type: "json" };
import { CONSISTENCY_HEADER } from "../consistency-token.ts";
import { ISOLATION_HEADERS } from "../isolation-header.ts";
import { MAX_ISOLATION_KEY_BYTES } from "../rules.ts";
import { FIXIE_ANSWERS } from "./fixie-answers.ts";
import { FIXIE_PATH, FIXIE_QUERY } from "./fixie-parameters.ts";
import { FOUNDRY_ANSWERS } from "./foundry-answers.ts";
import { FOUNDRY_QUERY } from "./foundry-parameters.ts";
import { HEADER_PARAMETERS, toParameters, toResponses, toSchemas } from "./openapi-parts.ts";

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
    tags: [
      {
        name: "Foundry",
        description: "The list of Azure AI Foundry: cursor pages of conversations without their turns.",
      },
      { name: "Fixie", description: "The list of Fixie: offset pages of conversations with every turn and fragment." },
    ],
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

function foundryPaths(): object {
  const responses = toResponses("FoundryPage", "FoundryError", "application/json", {
    404: "`after` or `before` names no conversation that the caller may see, or the key does not open the project.",
  });
  const project = {
    name: "project",
    in: "path",
    required: true,
    description: "The project that the key opens.",
    example: "default",
    schema: { type: "string" },
  };
  const operation = (operationId: string, summary: string, path: object[] = []) => ({
    get: {
      operationId,
      summary,
      tags: ["Foundry"],
      parameters: [...path, ...toParameters(FOUNDRY_QUERY, "query"), ...HEADER_PARAMETERS],
      responses,
    },
  });
  const same = "The same list, at the path that Azure's clients build";
  return {
    "/openai/v1/conversations": operation("listConversations", "The conversations of the caller's project"),
    "/openai/conversations": operation("listConversationsAzure", same),
    "/api/projects/{project}/openai/v1/conversations": operation("listProjectConversations", same, [project]),
    "/api/projects/{project}/openai/conversations": operation("listProjectConversationsAzure", same, [project]),
  };
}

function fixiePaths(): object {
  return {
    "/api/v1/agents/{agentId}/conversations": {
      get: {
        operationId: "listAgentConversations",
        summary: "An agent's conversations with all their turns, newest first",
        tags: ["Fixie"],
        parameters: [...toParameters(FIXIE_PATH, "path"), ...toParameters(FIXIE_QUERY, "query"), ...HEADER_PARAMETERS],
        responses: toResponses("FixiePage", "FixieProblem", "application/problem+json"),
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

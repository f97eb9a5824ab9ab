import type { GraphQLParams, Plugin } from "graphql-yoga";

import type { Admission } from "../../store/keys/key-ring.ts";
import type { Scope } from "../../store/sql/scope.ts";
import { toRefusal } from "./errors.ts";

/** How the caller of a request was let in. */
export interface Access {
  /** What the caller may see. */
  scope: Scope;
  /** Tells when the caller would not be let in any more. */
  watch(): Admission;
}

/** A request of which it may not be known yet whether its caller is let in. */
export interface AccessContext {
  access: Access | Promise<Access>;
}

/**
 * Lets nobody see what the schema says of a document before he is let in. Where that has to be asked of the database, the
 * body and the document's syntax are looked at meanwhile: what is wrong with them is answered without waiting for it.
 */
export function useAccess(): Plugin<object, AccessContext> {
  let parse: (params: GraphQLParams, context: AccessContext) => unknown = () => {};
  return {
    onYogaInit({ yoga }) {
      // Not in vain: the pipeline remembers documents, and what it found wrong with them.
      parse = ({ query }, context) => yoga.getEnveloped(context).parse(query ?? "");
    },
    onParams({ context, paramsHandler, setParamsHandler }) {
      const { access } = context;
      if (!(access instanceof Promise)) return;
      // Behind the pipeline's own look at the parameters.
      setParamsHandler(async (request) => {
        Object.assign(context, { request: request.request, params: request.params });
        parse(request.params, context);
        try {
          context.access = await access;
        } catch (error) {
          return { errors: [toRefusal(error)] };
        }
        return paramsHandler(request);
      });
    },
  };
}

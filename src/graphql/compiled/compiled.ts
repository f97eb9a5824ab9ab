import type { GraphQLSchema } from "graphql";
import type { Plugin } from "graphql-yoga";

import type { BeginOperation } from "../pipeline/begin-operation.ts";
import type { DocumentCache } from "../pipeline/document-cache.ts";
import type { AnswerFastPost, RequestContext } from "../pipeline/request.ts";
import type { RunStored } from "../pipeline/rows.ts";
import type { Context } from "../schema/context.ts";
import type { CoerceVariables } from "../schema/variables.ts";
import { createCompiler } from "./compiler.ts";
import { createFastPost } from "./fast-post.ts";
import { createRunCompiled } from "./run-compiled.ts";
import { createRunStored } from "./stored-rows.ts";
import { useCompiled } from "./use-compiled.ts";

/** The fast way; the README of this folder says how it works. */
export interface Compiled {
  /** Takes the place of the resolvers in the pipeline, where a document has a compiled form. */
  plugin: Plugin<Context & RequestContext>;
  /** Answers the common request past the pipeline. */
  answerPost: AnswerFastPost;
  /** Runs the documents of other surfaces. */
  run: RunStored;
}

interface CompiledOptions {
  schema: GraphQLSchema;
  /** The documents that the pipeline has accepted. */
  documents: DocumentCache;
  coerce: CoerceVariables;
  begin: BeginOperation;
  maxPageBytes: number;
  maxAnswerBytes: number;
}

/** The one door of this folder. What was compiled is kept as long as its document. */
export function createCompiled({ schema, documents, coerce, begin, ...sizes }: CompiledOptions): Compiled {
  const compile = createCompiler(schema);
  const run = createRunCompiled(begin, compile, sizes);
  return {
    plugin: useCompiled(compile, coerce),
    answerPost: createFastPost(documents, run, sizes.maxAnswerBytes),
    run: createRunStored(schema, run),
  };
}

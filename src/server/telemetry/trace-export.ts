import { setTimeout as delay } from "node:timers/promises";

import {
  type Attributes,
  type Context,
  context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

import type { Config } from "../../config.ts";
import type { Logger } from "../../log.ts";
import { sqlState } from "../../model/errors.ts";
import type { TracedRequest, Tracer } from "../../tracing.ts";
import { createSampler } from "./trace-sampler.ts";

const NAME = "conversation-graph";
// Longer attributes are cut: the name of an operation may be as long as a body.
const MAX_ATTRIBUTE_CHARACTERS = 8192;
const FLUSH_MS = 1000;

export interface TraceExport {
  tracer: Tracer;
  /** Sends the spans that are left, for a second at most, and stops. */
  close(): Promise<void>;
}

/**
 * Sends spans to the collector that the standard variables name, over OTLP/HTTP. What the config lacks, such as headers for
 * the collector, the packages read from the environment. To be imported only when traces are wanted: the packages are large.
 */
export function openTraceExport(config: Config, log: Logger): TraceExport {
  // The packages' own messages may quote the collector's address, which may hold a password.
  const warn = () => log.warn("traces could not be sent");
  diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} }, { logLevel: DiagLogLevel.ERROR });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const provider = new TracerProvider({
    sampler: createSampler(config.otelTracesSampler, config.otelTracesSamplerArg),
    resource: resourceFromAttributes({ "service.name": NAME }).merge(
      detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }),
    ),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_CHARACTERS },
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  return {
    tracer: createTracer(provider),
    close: () => Promise.race([provider.shutdown().catch(warn), delay(FLUSH_MS, undefined, { ref: false })]),
  };
}

function createTracer(provider: TracerProvider): Tracer {
  const tracer = provider.getTracer(NAME);

  /** Runs the work in a new span, which the work ends. */
  function inSpan<Result>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    parent: Context,
    work: (span: Span) => Result,
  ): Result {
    const span = tracer.startSpan(name, { kind, attributes }, parent);
    return context.with(trace.setSpan(parent, span), work, undefined, span);
  }

  return {
    request: ({ method, headers, surface, requestId }, work) =>
      inSpan(
        `${method} ${surface}`,
        SpanKind.SERVER,
        {
          "http.request.method": method,
          "conversation_graph.surface": surface,
          "conversation_graph.request_id": requestId,
        },
        callersTrace(headers),
        async (span) => {
          const status = await work();
          span.setAttribute("http.response.status_code", status);
          if (status >= 500) fail(span, String(status));
          span.end();
          return status;
        },
      ),
    operation: (type, name, work) =>
      inSpan(
        type,
        SpanKind.INTERNAL,
        { "graphql.operation.type": type, ...(name !== undefined && { "graphql.operation.name": name }) },
        context.active(),
        (span) => {
          const result = work();
          const end = () => span.end();
          void Promise.resolve(result).then(end, end);
          return result;
        },
      ),
    async statement(sql, work) {
      // A statement that runs for no request, or for one that is over, belongs to no trace.
      if (trace.getActiveSpan()?.isRecording() !== true) return work();
      const [verb = "SQL"] = /\w+/.exec(sql) ?? [];
      const attributes = { "db.system.name": "postgresql", "db.query.text": sql };
      return inSpan(verb, SpanKind.CLIENT, attributes, context.active(), async (span) => {
        try {
          return await work();
        } catch (error) {
          fail(span, sqlState(error) ?? "connection");
          throw error;
        } finally {
          span.end();
        }
      });
    },
  };
}

// Not the error itself, which may quote a conversation: the log has what may be shown of it.
function fail(span: Span, type: string): void {
  span.setAttribute("error.type", type).setStatus({ code: SpanStatusCode.ERROR });
}

const propagator = new W3CTraceContextPropagator();

function callersTrace(headers: TracedRequest["headers"]): Context {
  return propagator.extract(ROOT_CONTEXT, headers, {
    keys: (carrier) => Object.keys(carrier),
    get: (carrier, name) => carrier[name],
  });
}

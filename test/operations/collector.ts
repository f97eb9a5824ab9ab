import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A span in the form that a collector receives. */
export interface Span {
  traceId: string;
  spanId: string;
  /** Absent where the span begins a trace. */
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Record<string, unknown>;
  isError: boolean;
}

export interface Collector {
  endpoint: string;
  /** What came so far, in order. */
  spans: Span[];
  /** Attributes of the process that sent last. */
  resource: Record<string, unknown>;
  /** Everything that came, as text. */
  received: string;
  close(): void;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface TracesBody {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: (Omit<Span, "attributes" | "isError"> & { attributes: Attribute[]; status: { code: number } })[];
    }[];
  }[];
}

/** A stand-in for a collector that takes OTLP over HTTP, in JSON, at /v1/traces. */
export async function startCollector(): Promise<Collector> {
  const server = createServer(async (request, response) => {
    if (request.method !== "POST" || request.url !== "/v1/traces") {
      response.writeHead(404).end();
      return;
    }
    const body = (await json(request)) as TracesBody;
    collector.received += JSON.stringify([request.headers, body]);
    for (const { resource, scopeSpans } of body.resourceSpans) {
      collector.resource = toRecord(resource.attributes);
      for (const { attributes, status, ...span } of scopeSpans.flatMap(({ spans }) => spans)) {
        collector.spans.push({ ...span, attributes: toRecord(attributes), isError: status.code === 2 });
      }
    }
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const collector: Collector = {
    endpoint: `http://127.0.0.1:${port}`,
    spans: [],
    resource: {},
    received: "",
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return collector;
}

function toRecord(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

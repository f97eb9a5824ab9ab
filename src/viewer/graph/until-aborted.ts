/**
 * The response with a body that ends where the signal is aborted. A fetched one fails then, and urql 6 leaves that failure unhandled
 * when a subscription is ended between two events.
 */
export function untilAborted(response: Response, signal: AbortSignal | null | undefined): Response {
  if (response.body === null || !signal) return response;
  const reader = response.body.getReader();
  let isOver = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener("abort", () => {
        if (!isOver) controller.close();
        isOver = true;
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read().catch(failed);
      if (isOver) return;
      isOver = done;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });

  function failed(error: unknown): { done: true; value?: undefined } {
    if (!isOver) throw error;
    return { done: true };
  }
}

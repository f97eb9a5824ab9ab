import type { Worker } from "node:cluster";

/** What one process asks of another: question and answer by topic. */
export type Topics = { readonly [topic: string]: readonly [question: unknown, answer: unknown] };

/** Answers the questions of the other process. */
export type Handlers<Asked extends Topics> = {
  readonly [Topic in keyof Asked]: (question: Asked[Topic][0]) => Promise<Asked[Topic][1]>;
};

/** The process at the other end of the channel between a worker and its primary. */
export interface Peer<Asked extends Topics> {
  /** Resolves to the answer. Rejects when the question fails there, and when that process is gone. */
  ask<Topic extends keyof Asked & string>(topic: Topic, question: Asked[Topic][0]): Promise<Asked[Topic][1]>;
}

type Message =
  | { id: number; topic: string; question: unknown }
  | { id: number; answer: unknown }
  | { id: number; failure: string };

/** The process at the other end of the worker's channel, whose questions these handlers answer. */
export function createPeer<Answered extends Topics, Asked extends Topics>(
  worker: Worker,
  handlers: Handlers<Answered>,
): Peer<Asked> {
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  const send = (message: Message) =>
    worker.send(message, (error) => {
      if (error !== null) asked.get(message.id)?.reject(error);
    });
  const answer = async (id: number, topic: string, question: unknown) => {
    try {
      const handler = handlers[topic];
      if (handler === undefined) throw new Error(`There is no topic ${topic}.`);
      send({ id, answer: await handler(question) });
    } catch (error) {
      send({ id, failure: error instanceof Error ? error.message : String(error) });
    }
  };
  worker.on("message", (message: Message) => {
    if ("topic" in message) {
      void answer(message.id, message.topic, message.question);
      return;
    }
    const waiting = asked.get(message.id);
    if ("answer" in message) waiting?.resolve(message.answer);
    else waiting?.reject(new Error(message.failure));
  });
  worker.on("disconnect", () => {
    for (const { reject } of asked.values()) reject(new Error("The other process is gone."));
  });
  return {
    async ask(topic, question) {
      last += 1;
      const id = last;
      const waiting = Promise.withResolvers<unknown>();
      asked.set(id, waiting);
      send({ id, topic, question });
      return waiting.promise.finally(() => asked.delete(id));
    },
  };
}

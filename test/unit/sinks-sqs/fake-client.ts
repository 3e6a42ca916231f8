import type { Answer, Answers, Queue, SqsClient } from '../../../src/sinks/sqs/client.ts';
import type { Message } from '../../../src/sinks/sqs/encode.ts';

export const stored: Answer = { status: 'stored', receipt: { queue: 'q', messageId: 'm' } };

/** A client that notes each request and answers as it is told; one turn later, so that requests overlap. */
export function fakeClient(answer: (messages: readonly Message[], request: number) => Answers = takeAll) {
  const requests: { readonly queue: Queue; readonly messages: readonly Message[] }[] = [];
  let open = 0;
  let mostOpen = 0;
  const client: SqsClient = {
    queueUrl: async (name) => `http://sqs/${name}`,
    async send(queue, messages) {
      requests.push({ queue, messages });
      const number = requests.length - 1;
      open++;
      mostOpen = Math.max(mostOpen, open);
      await Promise.resolve();
      open--;
      return answer(messages, number);
    },
    attributes: async () => new Map(),
    close() {},
  };
  return { client, requests, mostOpen: () => mostOpen };
}

export function takeAll(messages: readonly Message[]): Answers {
  return { each: messages.map(() => stored) };
}

import { BridgeError, type ErrorCode } from '../../core/errors.ts';
import type { Answer, KafkaSender } from './client.ts';

/** After these, what the client keeps of connections and sequences is of no worth. */
const spoiling: ReadonlySet<ErrorCode> = new Set([
  'BROKER_UNREACHABLE',
  'BROKER_TIMEOUT',
  'PRODUCER_FENCED',
  'STOPPING',
]);

function isSpoilt(answer: Answer): boolean {
  return answer.status === 'unknown' || (answer.status === 'refused' && spoiling.has(answer.error.code));
}

/**
 * A client that is made when first needed, and thrown away after an unknown outcome: what the old one still had under
 * way is dropped with it, and what is sent again goes through a new one, with new sequence numbers.
 */
export function createReplacingClient(connect: () => KafkaSender): KafkaSender {
  let current: KafkaSender | undefined;
  let closed = false;
  const closing = new Set<Promise<void>>();

  function discard(client: KafkaSender) {
    if (current === client) current = undefined;
    const done = client.close().finally(() => closing.delete(done));
    closing.add(done);
  }

  function take(): KafkaSender | undefined {
    if (!closed) current ??= connect();
    return current;
  }

  const gone = new BridgeError('STOPPING', 'the sink is closed');

  return {
    async partitions(topics, signal) {
      const client = take();
      if (!client) return gone;
      const found = await client.partitions(topics, signal);
      if (found instanceof BridgeError && spoiling.has(found.code)) discard(client);
      return found;
    },
    async send(records, signal) {
      const client = take();
      if (!client) return new Map();
      const answers = await client.send(records, signal);
      if (answers.values().some(isSpoilt)) discard(client);
      return answers;
    },
    async close() {
      closed = true;
      if (current) discard(current);
      await Promise.all(closing);
    },
  };
}

import { BridgeError } from '../../core/errors.ts';
import { untilAborted, withDeadline } from '../deadline.ts';
import type { SqsClient } from './client.ts';
import { isQueueUrl } from './queue-name.ts';

/** Addresses of queues, each asked for once. */
export interface Queues {
  /** `queue`: a name or a URL. Gives its URL, or why there is none. */
  url(queue: string, signal: AbortSignal): Promise<string | BridgeError>;
  /** It is asked for again: the queue is gone, it seems. */
  forget(queue: string): void;
}

const unused = new AbortController().signal;

/** Names of queues can come of events: most that are remembered. The oldest are forgotten first. */
const most = 1_000;

/** `limitMs`: the longest that a question takes, however long those wait who want to know. */
export function createQueues(client: SqsClient, limitMs: number): Queues {
  const known = new Map<string, Promise<string | BridgeError>>();

  function ask(name: string): Promise<string | BridgeError> {
    const late = () => new BridgeError('BROKER_TIMEOUT', `no address of queue ${name} within ${limitMs} ms`);
    const asked = withDeadline(unused, limitMs, late, (signal) => client.queueUrl(name, signal));
    known.set(name, asked);
    void asked.then((answer) => {
      if (answer instanceof BridgeError && known.get(name) === asked) known.delete(name);
    });
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    return asked;
  }

  return {
    async url(queue, signal) {
      if (isQueueUrl(queue)) return queue;
      try {
        return await untilAborted(known.get(queue) ?? ask(queue), signal);
      } catch (error) {
        return error instanceof BridgeError ? error : new BridgeError('INTERNAL', `no address of queue ${queue}`);
      }
    },
    forget: (queue) => void known.delete(queue),
  };
}

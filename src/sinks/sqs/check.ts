import type { FeedName } from '../../core/batch.ts';
import { BridgeError, type ErrorCode, toBridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import type { Template } from '../template.ts';
import { checkQueue } from './check-queue.ts';
import type { SqsClient } from './client.ts';
import { createQueueCommand } from './commands.ts';
import type { SqsBroker, SqsDestination } from './config.ts';
import { checkQueueName, isQueueUrl, nameOfQueue } from './queue-name.ts';

export interface Checked {
  readonly broker: SqsBroker;
  readonly brokerName: string;
  readonly destination: SqsDestination;
  /** The destination's, compiled. */
  readonly queue: Template;
}

/** What holds for all queues alike. */
const ofBroker: ReadonlySet<ErrorCode> = new Set([
  'BROKER_AUTH_REFUSED',
  'BROKER_CREDENTIALS_EXPIRED',
  'BROKER_TIMEOUT',
  'BROKER_TLS_REFUSED',
  'BROKER_UNAVAILABLE',
  'BROKER_UNREACHABLE',
  'STOPPING',
]);

/** The queue's name or URL, why there can be none, or undefined where it depends on the event. */
function queueOf(feed: FeedName, template: Template): string | BridgeError | undefined {
  try {
    const queue = template.renderFeed(feed);
    if (queue !== undefined) checkQueueName(queue);
    return queue;
  } catch (error) {
    return toBridgeError(error);
  }
}

function problem(subject: string, { code, message, hint }: BridgeError): Finding {
  return { severity: 'error', subject, code, message, hint };
}

async function lookAt(
  feed: FeedName,
  queue: string,
  client: SqsClient,
  broker: SqsBroker,
  signal: AbortSignal,
): Promise<readonly Finding[] | BridgeError> {
  const name = nameOfQueue(queue);
  const missing = (error: BridgeError): Finding => ({
    ...problem(feed, error),
    ...(error.code === 'DESTINATION_MISSING' && { command: createQueueCommand(name, broker) }),
  });
  const url = isQueueUrl(queue) ? queue : await client.queueUrl(queue, signal);
  if (typeof url !== 'string') return ofBroker.has(url.code) ? url : [missing(url)];
  const found = await client.attributes({ name, url }, signal);
  if (!(found instanceof BridgeError)) return [...checkQueue(feed, { name, url }, found, broker)];
  if (ofBroker.has(found.code)) return found;
  if (found.code !== 'BROKER_NOT_AUTHORISED') return [missing(found)];
  const message = `queue ${name}: its settings are unknown; seeing them takes the permission sqs:GetQueueAttributes`;
  return [{ severity: 'ok', subject: feed, message }];
}

/** Whether SQS lets us in, and the queue of each feed is there and as it should be. Changes nothing. */
export async function checkSqs(
  client: SqsClient,
  { broker, brokerName, destination, queue: template }: Checked,
  feeds: readonly FeedName[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let asked = false;
  for (const feed of feeds) {
    const queue = queueOf(feed, template);
    if (queue instanceof BridgeError) findings.push(problem(feed, queue));
    else if (queue === undefined) {
      const message = `queue ${destination.queue} depends on the event: whether it exists cannot be looked at`;
      findings.push({ severity: 'ok', subject: feed, message });
    } else {
      const found = await lookAt(feed, queue, client, broker, signal);
      if (found instanceof BridgeError) return [problem(brokerName, found)];
      asked = true;
      findings.push(...found);
    }
  }
  if (!asked) return findings;
  return [{ severity: 'ok', subject: brokerName, message: `reachable, in ${broker.region}` }, ...findings];
}

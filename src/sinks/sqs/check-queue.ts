import type { FeedName } from '../../core/batch.ts';
import type { Finding } from '../../core/finding.ts';
import type { Queue, QueueAttributes } from './client.ts';
import { setAttributeCommand } from './commands.ts';
import type { SqsBroker } from './config.ts';
import { maxBytes } from './encode.ts';
import { isFifo } from './queue-name.ts';

/** Where SQS moves what consumers have received too often, in words. */
function redriveOf(attributes: QueueAttributes): string {
  try {
    const policy: unknown = JSON.parse(attributes.get('RedrivePolicy') ?? 'null');
    if (typeof policy !== 'object' || policy === null) return 'no redrive policy';
    const { deadLetterTargetArn, maxReceiveCount } = policy as Readonly<Record<string, unknown>>;
    const target = String(deadLetterTargetArn).replace(/^.*:/, '');
    return `redrive to ${target} after ${String(maxReceiveCount)} receives`;
  } catch {
    return 'a redrive policy that cannot be read';
  }
}

function numberOf(attributes: QueueAttributes, name: string): number | undefined {
  const text = attributes.get(name);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function* summary(attributes: QueueAttributes): Generator<string> {
  const size = numberOf(attributes, 'MaximumMessageSize');
  const kept = numberOf(attributes, 'MessageRetentionPeriod');
  yield attributes.get('FifoQueue') === 'true' ? 'FIFO' : 'standard: no order is kept';
  if (size !== undefined) yield `messages of up to ${size} bytes`;
  if (kept !== undefined) yield `kept for ${Math.round(kept / 360) / 10} h`;
  yield redriveOf(attributes);
}

/** What there is to say of the queue of a feed. */
export function* checkQueue(
  subject: FeedName,
  queue: Queue,
  attributes: QueueAttributes,
  broker: SqsBroker,
): Generator<Finding> {
  const { name, url } = queue;
  yield { severity: 'ok', subject, message: `queue ${name}: ${[...summary(attributes)].join(', ')}` };
  const fifo = attributes.get('FifoQueue') === 'true';
  if (fifo !== isFifo(name)) {
    yield {
      severity: 'error',
      subject,
      code: 'DESTINATION_UNWRITABLE',
      message: `queue ${name} is ${fifo ? 'a FIFO' : 'a standard'} queue, which its name does not say`,
      hint: 'The name of a FIFO queue, and of no other, ends with .fifo: name another queue, or create this one anew.',
    };
  }
  const limit = numberOf(attributes, 'MaximumMessageSize');
  if (limit !== undefined && limit < maxBytes) {
    yield {
      severity: 'warning',
      subject,
      code: 'DESTINATION_LIMIT_LOW',
      message: `queue ${name} has MaximumMessageSize=${limit}: an event over it becomes a dead letter`,
      hint: `SQS takes up to ${maxBytes} bytes; queues made before that was so have 262144.`,
      command: setAttributeCommand(url, broker, `MaximumMessageSize=${maxBytes}`),
    };
  }
}

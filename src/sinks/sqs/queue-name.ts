import { BridgeError } from '../../core/errors.ts';

const maxLength = 80;

/** Whether it is the address of a queue, not its name. */
export function isQueueUrl(queue: string): boolean {
  return /^https?:\/\//.test(queue);
}

/** The name of a queue that is given by name or by URL. */
export function nameOfQueue(queue: string): string {
  return isQueueUrl(queue) ? queue.slice(queue.lastIndexOf('/') + 1) : queue;
}

/** SQS tells FIFO queues by the end of their names, and makes no others with it. */
export function isFifo(queue: string): boolean {
  return queue.endsWith('.fifo');
}

/** Whether SQS takes it as the name or the URL of a queue. */
export function isQueue(queue: string): boolean {
  const name = nameOfQueue(queue);
  return /^[\w-]+(\.fifo)?$/.test(name) && name.length <= maxLength && (!isQueueUrl(queue) || URL.canParse(queue));
}

/** Throws EVENT_UNROUTABLE for what cannot be a queue. */
export function checkQueueName(queue: string): void {
  if (isQueue(queue)) return;
  const shown = JSON.stringify(queue.length > 200 ? `${queue.slice(0, 200)}…` : queue);
  throw new BridgeError('EVENT_UNROUTABLE', `${shown} cannot be the name of an SQS queue`, {
    hint: `A queue has letters, digits, "-" and "_" only (and ".fifo" at the end), at most ${maxLength}: choose a template whose attributes are fit for that.`,
  });
}

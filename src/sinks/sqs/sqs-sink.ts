import { digestId } from '../../core/digest.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Sink } from '../../core/sink.ts';
import type { SinkContext } from '../../core/sink-type.ts';
import { withDeadline } from '../deadline.ts';
import { compileTemplate } from '../template.ts';
import { checkSqs } from './check.ts';
import type { Claims } from './claim-check.ts';
import type { SqsClient } from './client.ts';
import type { SqsBroker, SqsDestination } from './config.ts';
import { approximateSize, maxBytes } from './encode.ts';
import { orderOf } from './order.ts';
import { publish } from './publish.ts';
import { checkQueueName, isFifo } from './queue-name.ts';
import { createQueues } from './queues.ts';

const checkMs = 5_000;

/** Ten message groups with five events each: five full requests, one after the other. */
const fifoCall = { events: 50, perLane: 5 };
/** A request of a standard queue. */
const requestEvents = 10;

/**
 * What SQS cannot promise: a standard queue keeps no order, and may hand out a message twice. So each event there is a
 * lane of its own, and nothing waits for anything. A FIFO queue keeps the order of a message group, the partition key,
 * and drops what is sent again within 5 minutes; what has to be sent again after a longer outage may be there twice.
 */
export function openSqsSink(
  broker: SqsBroker,
  destination: SqsDestination,
  { pipeline, brokerName }: SinkContext,
  client: SqsClient,
  claims?: Claims,
): Sink {
  const queueTemplate = compileTemplate(destination.queue, pipeline);
  const confirmMs = broker.confirmTimeout;
  const queues = createQueues(client, confirmMs);
  const inOrder = isFifo(destination.queue);

  return {
    maxOpenCalls: 32,
    spareCalls: 4,
    maxCall: { events: inOrder ? fifoCall.events : requestEvents, bytes: maxBytes },
    perLane: fifoCall.perLane,
    route(envelope, feed, occurrence) {
      const queue = queueTemplate.render(envelope, feed);
      checkQueueName(queue);
      const bytes = approximateSize(envelope);
      const { source, id } = envelope.attributes;
      if (!isFifo(queue)) {
        return { envelope, destination: queue, address: { queue }, lane: `${queue}/${digestId([source, id])}`, bytes };
      }
      const order = orderOf(envelope, occurrence);
      return { envelope, destination: queue, address: { queue, ...order }, lane: `${queue}/${order.group}`, bytes };
    },
    async check(feeds, signal) {
      const late = () => new BridgeError('BROKER_TIMEOUT', `${brokerName} did not answer within ${checkMs} ms`);
      try {
        const checked = { broker, brokerName, destination, queue: queueTemplate };
        return await withDeadline(signal, checkMs, late, (bounded) => checkSqs(client, checked, feeds, bounded));
      } catch (error) {
        const { code, message, hint } = toBridgeError(error);
        return [{ severity: 'error', subject: brokerName, code, message, hint }];
      }
    },
    async publish(items, signal) {
      const late = () => new BridgeError('BROKER_TIMEOUT', `${brokerName} did not confirm within ${confirmMs} ms`);
      const startedAt = performance.now();
      // What is sent has half of the time at least to be answered.
      const hasTime = () => performance.now() - startedAt < confirmMs / 2;
      try {
        return await withDeadline(signal, confirmMs, late, (bounded) =>
          publish(client, queues, items, { signal: bounded, hasTime, claims }),
        );
      } catch (error) {
        return items.map(() => ({ status: 'unknown', error: toBridgeError(error) }));
      }
    },
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
}

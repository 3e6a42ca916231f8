import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Sink } from '../../core/sink.ts';
import type { SinkContext } from '../../core/sink-type.ts';
import { withDeadline } from '../deadline.ts';
import { compileTemplate } from '../template.ts';
import { checkKafka } from './check.ts';
import type { KafkaClient } from './client.ts';
import type { KafkaBroker, KafkaDestination } from './config.ts';
import { approximateSize } from './encode.ts';
import { createReplacingClient } from './producer.ts';
import { publish } from './publish.ts';
import { checkTopicName } from './topic-name.ts';

/** A record batch may have 1 MiB unless the topic says otherwise: a call fits in one even when all of it goes to one partition. */
const maxCall = { events: 10_000, bytes: 900_000 };
const checkMs = 5_000;
const tooManyCalls = new BridgeError('INTERNAL', 'more calls are open than the sink allows');

/** `connect` makes a client of the library behind the border. */
export function openKafkaSink(
  broker: KafkaBroker,
  destination: KafkaDestination,
  { pipeline, brokerName }: SinkContext,
  connect: () => KafkaClient,
): Sink {
  const topicTemplate = compileTemplate(destination.topic, pipeline);
  // The second one connects only when there is trouble: a client has one send open at a time.
  const clients = [createReplacingClient(connect), createReplacingClient(connect)];
  const idle = [...clients].reverse();
  const confirmMs = broker.confirmTimeout;

  return {
    maxOpenCalls: 1,
    spareCalls: 1,
    maxCall,
    route(envelope, feed) {
      const topic = topicTemplate.render(envelope, feed);
      checkTopicName(topic);
      const key = envelope.attributes.partitionkey;
      const bytes = approximateSize(envelope);
      return { envelope, destination: topic, address: { topic, key }, lane: `${topic}/${key}`, bytes };
    },
    async check(feeds, signal) {
      const late = () => new BridgeError('BROKER_TIMEOUT', `${brokerName} did not answer within ${checkMs} ms`);
      const checked = { broker, brokerName, destination, topic: topicTemplate, callBytes: maxCall.bytes };
      let probe: KafkaClient | undefined;
      try {
        const asked = connect();
        probe = asked;
        return await withDeadline(signal, checkMs, late, (bounded) => checkKafka(asked, checked, feeds, bounded));
      } catch (error) {
        const { code, message, hint } = toBridgeError(error);
        return [{ severity: 'error', subject: brokerName, code, message, hint }];
      } finally {
        await probe?.close();
      }
    },
    async publish(items, signal) {
      const late = () => new BridgeError('BROKER_TIMEOUT', `${brokerName} did not confirm within ${confirmMs} ms`);
      const client = idle.pop();
      if (!client) return items.map(() => ({ status: 'failed', error: tooManyCalls }));
      try {
        return await withDeadline(signal, confirmMs, late, (bounded) =>
          publish(client, destination.mode, items, bounded),
        );
      } catch (error) {
        return items.map(() => ({ status: 'unknown', error: toBridgeError(error) }));
      } finally {
        idle.push(client);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

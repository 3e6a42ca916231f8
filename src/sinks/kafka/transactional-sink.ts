import type { TransactionalSink } from '../../core/fenced-writer.ts';
import type { Sink } from '../../core/sink.ts';
import type { SinkContext } from '../../core/sink-type.ts';
import { compileTemplate } from '../template.ts';
import { checkTransactions } from './check-transactions.ts';
import type { KafkaClient } from './client.ts';
import type { KafkaBroker, KafkaDestination } from './config.ts';
import { createWriterOpener } from './open-writer.ts';
import type { ConnectTransactional } from './transactional-client.ts';

/** The sink, with writers for exactly-once beside it. Each of them has a client of its own: what spoils one spoils no other. */
export function withTransactions(
  sink: Sink,
  broker: KafkaBroker,
  destination: KafkaDestination,
  { brokerName, pipeline }: SinkContext,
  connectPlain: () => KafkaClient,
  connect: ConnectTransactional,
): TransactionalSink {
  const { mode } = destination;
  const { renderFeed: topicOf } = compileTemplate(destination.topic, pipeline);
  const { maxCall } = sink;
  return {
    ...sink,
    async check(feeds, signal) {
      const check = { broker, brokerName, destination, connectPlain, connect };
      const found = await Promise.all([sink.check(feeds, signal), checkTransactions(check, feeds, signal)]);
      return found.flat();
    },
    openWriter: createWriterOpener({ broker, brokerName, destination, connect, topicOf, mode, maxCall }),
  };
}

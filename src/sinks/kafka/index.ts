import { defineSinkType } from '../../core/sink-type.ts';
import { compileTemplate } from '../template.ts';
import { kafkaBroker, kafkaDestination, refuseExactlyOnce, refuseKafkaSettings } from './config.ts';

/** Apache Kafka and what speaks its protocol: `{ type: kafka, bootstrap: ["kafka:9092"] }`. */
export const kafkaSinkType = defineSinkType({
  type: 'kafka',
  broker: kafkaBroker,
  destination: kafkaDestination,
  refuse: refuseKafkaSettings,
  refuseExactlyOnce,
  place: ({ topic }, pipeline) => compileTemplate(topic, pipeline),
  async open(broker, destination, context) {
    const [{ openKafkaSink }, { loadConnector }] = await Promise.all([
      import('./kafka-sink.ts'),
      import('./connector.ts'),
    ]);
    const connect = await loadConnector(broker, destination, context);
    const sink = openKafkaSink(broker, destination, context, connect);
    if (!context.exactlyOnce) return sink;
    const [{ withTransactions }, { loadTransactions }] = await Promise.all([
      import('./transactional-sink.ts'),
      import('./connector.ts'),
    ]);
    return withTransactions(
      sink,
      broker,
      destination,
      context,
      connect,
      await loadTransactions(broker, destination, context),
    );
  },
  async openReader(broker, context) {
    const [{ openKafkaReader }, { loadReader }] = await Promise.all([import('./reader.ts'), import('./connector.ts')]);
    const { brokerName } = context;
    // Reading a page of receipts takes several requests, each within the time for a confirm.
    const readMs = 4 * broker.confirmTimeout;
    return openKafkaReader({ brokerName, reader: await loadReader(broker, context), readMs });
  },
});

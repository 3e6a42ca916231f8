import { defineSinkType } from '../../core/sink-type.ts';
import { kafkaBroker, kafkaDestination } from './config.ts';

/** Apache Kafka and what speaks its protocol: `{ type: kafka, bootstrap: ["kafka:9092"] }`. */
export const kafkaSinkType = defineSinkType({
  type: 'kafka',
  broker: kafkaBroker,
  destination: kafkaDestination,
  async open(broker, destination, context) {
    const { openKafkaSink } = await import('./kafka-sink.ts');
    return openKafkaSink(broker, destination, context);
  },
});

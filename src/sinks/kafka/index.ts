import { defineSinkType } from '../../core/sink-type.ts';
import { compileTemplate } from '../template.ts';
import { kafkaBroker, kafkaDestination, refuseKafkaSettings } from './config.ts';

/** Apache Kafka and what speaks its protocol: `{ type: kafka, bootstrap: ["kafka:9092"] }`. */
export const kafkaSinkType = defineSinkType({
  type: 'kafka',
  broker: kafkaBroker,
  destination: kafkaDestination,
  refuse: refuseKafkaSettings,
  place: ({ topic }, pipeline) => compileTemplate(topic, pipeline),
  async open(broker, destination, context) {
    const [{ openKafkaSink }, { loadConnector }] = await Promise.all([
      import('./kafka-sink.ts'),
      import('./connector.ts'),
    ]);
    return openKafkaSink(broker, destination, context, await loadConnector(broker, destination, context));
  },
});

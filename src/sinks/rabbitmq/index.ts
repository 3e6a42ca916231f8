import { defineSinkType } from '../../core/sink-type.ts';
import { compileTemplate } from '../template.ts';
import { rabbitmqBroker, rabbitmqDestination, refuseRabbitmqSettings } from './config.ts';

/** RabbitMQ, over AMQP 0.9.1: `{ type: rabbitmq, url: "amqps://rabbit:5671/vhost" }`. */
export const rabbitmqSinkType = defineSinkType({
  type: 'rabbitmq',
  broker: rabbitmqBroker,
  destination: rabbitmqDestination,
  refuse: refuseRabbitmqSettings,
  place: ({ exchange }, pipeline) => compileTemplate(exchange, pipeline),
  async open(broker, destination, context) {
    const { openRabbitmqSink } = await import('./rabbitmq-sink.ts');
    return openRabbitmqSink(broker, destination, context);
  },
});

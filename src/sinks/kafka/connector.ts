import type { SinkContext } from '../../core/sink-type.ts';
import type { KafkaClient } from './client.ts';
import type { KafkaBroker, KafkaDestination } from './config.ts';
import { openBrokerTokens } from './tokens.ts';

/** Loads the client library that the broker's settings name, and no other. */
export async function loadConnector(
  broker: KafkaBroker,
  destination: KafkaDestination,
  context: SinkContext,
): Promise<() => KafkaClient> {
  const tokens = openBrokerTokens(broker, context);
  const create = await creatorOf(broker.client);
  return () => create(broker, destination, context.brokerName, tokens);
}

async function creatorOf(client: KafkaBroker['client']) {
  switch (client) {
    case 'platformatic':
      return (await import('./platformatic/client.ts')).createPlatformaticClient;
    case 'kafkajs':
      return (await import('./kafkajs/client.ts')).createKafkajsClient;
  }
}

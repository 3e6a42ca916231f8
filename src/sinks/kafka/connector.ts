import { BridgeError } from '../../core/errors.ts';
import type { SinkContext } from '../../core/sink-type.ts';
import type { KafkaClient } from './client.ts';
import type { KafkaBroker, KafkaDestination } from './config.ts';
import { openBrokerTokens } from './tokens.ts';
import type { TopicReader } from './topic-reader.ts';
import type { ConnectTransactional } from './transactional-client.ts';

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

/** The same for transactions, which not every client library has. */
export async function loadTransactions(
  broker: KafkaBroker,
  destination: KafkaDestination,
  context: SinkContext,
): Promise<ConnectTransactional> {
  if (broker.client !== 'platformatic') {
    throw new BridgeError('CONFIG_INVALID', `the client ${broker.client} has no transactions that could be relied on`);
  }
  const tokens = openBrokerTokens(broker, context);
  const { createPlatformaticTransactions } = await import('./platformatic/transactional-client.ts');
  return (transactionalId, transactionMs) =>
    createPlatformaticTransactions(broker, destination, context.brokerName, transactionalId, transactionMs, tokens);
}

/** The same for looking at what was published: with either client's settings, the one that can. */
export async function loadReader(broker: KafkaBroker, context: SinkContext): Promise<TopicReader> {
  const tokens = openBrokerTokens(broker, context);
  const { createPlatformaticReader } = await import('./platformatic/topic-reader.ts');
  return createPlatformaticReader(broker, context.brokerName, tokens);
}

async function creatorOf(client: KafkaBroker['client']) {
  switch (client) {
    case 'platformatic':
      return (await import('./platformatic/client.ts')).createPlatformaticClient;
    case 'kafkajs':
      return (await import('./kafkajs/client.ts')).createKafkajsClient;
  }
}

import { isTransactional, type TransactionalSink } from '../../../src/core/fenced-writer.ts';
import { kafkaSinkType } from '../../../src/sinks/kafka/index.ts';
import { createTopics, uniqueName } from './topics.ts';

export interface TransactionalSettings {
  readonly broker?: object;
  readonly to?: object;
}

/** Topic, and marks topic: of names that no other test has. */
export async function createTransactionTopics(
  bootstrap: string,
  partitions = 3,
): Promise<{ topic: string; marks: string }> {
  const topic = uniqueName('transactions');
  const marks = `${topic}.marks`;
  await createTopics(bootstrap, [topic], { partitions, config: { 'message.timestamp.type': 'LogAppendTime' } });
  await createTopics(bootstrap, [marks], { config: { 'cleanup.policy': 'compact' } });
  return { topic, marks };
}

/** A sink as each process has its own. */
export async function openTransactionalSink(
  bootstrap: string,
  { topic, marks }: { readonly topic: string; readonly marks: string },
  settings: TransactionalSettings = {},
): Promise<TransactionalSink> {
  const broker = { type: 'kafka', bootstrap: [bootstrap], confirmTimeout: '2s', ...settings.broker };
  const to = { broker: 'kafka', topic, marks, transactionalIdPrefix: topic, ...settings.to };
  const sink = await kafkaSinkType.open(kafkaSinkType.broker.parse(broker), kafkaSinkType.destination.parse(to), {
    pipeline: 'test',
    brokerName: 'kafka',
    baseDir: '/',
    exactlyOnce: true,
  });
  if (!isTransactional(sink)) throw new Error('the sink has no transactions');
  return sink;
}

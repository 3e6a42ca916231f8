import { createEnvelope } from '../../src/core/envelope.ts';
import type { TransactionsFixture } from '../conformance/sink-transactions/harness.ts';
import { transactionsConformance } from '../conformance/sink-transactions.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import type { OwnKafka } from '../support/kafka/native-broker.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { idOf } from '../support/kafka/sink-calls.ts';
import { createTransactionTopics, openTransactionalSink } from '../support/kafka/transactional-sink.ts';

async function openFixture(kafka: OwnKafka): Promise<TransactionsFixture> {
  const { bootstrap } = kafka;
  const topics = await createTransactionTopics(bootstrap);
  await using resources = new AsyncDisposableStack();
  const opened = resources.move();
  return {
    feed: 'test/transactions',
    deadlineMs: 2_000,
    open: async () => opened.use(await openTransactionalSink(bootstrap, topics)),
    event: (n, bytes = 20) =>
      createEnvelope(
        {
          specversion: '1.0',
          id: String(n),
          source: '/test',
          type: 'com.example.tested',
          datacontenttype: 'application/json',
          partitionkey: `key-${n % 7}`,
        },
        { kind: 'json', bytes: Buffer.from(JSON.stringify('x'.repeat(bytes))) },
      ),
    async committed() {
      const records = await readTopic(bootstrap, topics.topic, 'committed');
      return [...Map.groupBy(records, ({ partition }) => partition).values()].map((own) => own.map(idOf));
    },
    oversize: 2 * 1024 ** 2,
    outage: { begin: () => kafka.freeze(), end: () => kafka.thaw() },
    async [Symbol.asyncDispose]() {
      kafka.thaw();
      await opened.disposeAsync();
    },
  };
}

const suite = await ownKafkaSuite();

suite('transactions of the Kafka sink', (kafka) => {
  transactionsConformance({ name: 'kafka (platformatic, Kafka 4.4.0)', open: () => openFixture(kafka) });
});

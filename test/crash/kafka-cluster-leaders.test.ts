import { expect, test } from 'vitest';
import type { Envelope } from '../../src/core/envelope.ts';
import type { Sink } from '../../src/core/sink.ts';
import { ownClusterSuite } from '../support/kafka/acquire.ts';
import type { OwnCluster } from '../support/kafka/native-cluster.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { event, idOf, openSink, publish, publishAll } from '../support/kafka/sink-calls.ts';
import { createTopic } from '../support/kafka/topics.ts';
import { clients } from './kafka-clients.ts';

/** Of a send. Whoever waits for that has not understood that the leaders have changed. */
const deadlineMs = 10_000;

/** As the pipeline does for lanes that have nothing to do with each other: repeats what is not confirmed. */
async function publishOpen(sink: Sink, envelopes: readonly Envelope[]): Promise<void> {
  for (let open = envelopes; open.length > 0; ) {
    const deliveries = await publish(sink, open);
    open = open.filter((_, at) => deliveries[at]?.status !== 'confirmed');
  }
}

const suite = await ownClusterSuite();

suite('the Kafka sink, when leaders change,', (cluster: OwnCluster) => {
  const bootstrap = cluster.bootstrap.split(',');

  for (const client of clients) {
    test.for([
      { what: 'one of two partitions of a node moves', leaders: [0, 1] },
      { what: 'two partitions of a node move apart', leaders: [1, 2] },
      { what: 'two partitions of a node move together', leaders: [1, 1] },
    ])(`follows by ${client}, with nothing doubled: $what`, async ({ leaders }) => {
      const topics = [
        await createTopic(cluster.bootstrap, 'led', { replicas: 3 }),
        await createTopic(cluster.bootstrap, 'led', { replicas: 3 }),
      ];
      await cluster.settled(topics);
      await Promise.all(topics.map((topic) => cluster.moveLeader(topic, 0)));
      await using sink = await openSink(cluster.bootstrap, {
        broker: { client, bootstrap, confirmTimeout: `${deadlineMs}ms` },
      });
      await publishAll(
        sink,
        topics.map((topic) => event(topic)),
      );
      await Promise.all(topics.map((topic, index) => cluster.moveLeader(topic, leaders[index] ?? 0)));
      const events = topics.map((topic) => event(topic));
      const startedAt = performance.now();
      await publishOpen(sink, events);
      expect(performance.now() - startedAt).toBeLessThan(deadlineMs / 2);
      for (const topic of topics) {
        const ids = (await readTopic(cluster.bootstrap, topic)).map(idOf);
        // An old leader may say that it leads no more of an event that it has appended already.
        expect(ids.length - new Set(ids).size).toBeLessThanOrEqual(1);
        expect(ids).toContain(events[topics.indexOf(topic)]?.attributes.id);
      }
    });
  }
});

import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { deleteTopic } from '../../support/kafka/topics.ts';
import { clients } from '../../support/kafka-pipelines/kafka-daemon.ts';
import { knownProducers } from '../../support/kafka-pipelines/known-producers.ts';
import { openRig, type Rig } from '../../support/kafka-pipelines/rig.ts';
import { spotless } from '../../support/kafka-pipelines/verdict.ts';

/** The broker forgets producers that have been idle for this long. */
const forgetsAfterMs = 2_000;
const suite = await ownKafkaSuite({
  'producer.id.expiration.ms': String(forgetsAfterMs),
  'producer.id.expiration.check.interval.ms': '100',
});
const patience = { interval: 20, timeout: 45_000 };
const feed = 'journey';

suite('a pipeline goes on by itself when the broker has forgotten its producer', (kafka) => {
  const { bootstrap } = kafka;
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  function eventsOf(rig: Rig): ReadonlySet<string> {
    return new Set(
      rig.upstream.simulator.ledger().flatMap((batch) => batch.eventIds.map((id) => `${batch.feed}/${id}`)),
    );
  }

  /** Deletes all that is in the topics. */
  async function deleteRecords(rig: Rig) {
    for (const name of feedNames) {
      const topic = rig.topicOf(name);
      const [end] = await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: end?.high ?? '' }] });
    }
  }

  describe.each(clients)('with %s', { timeout: 60_000 }, (client) => {
    test('since it was idle for long', async () => {
      await using rig = await openRig({ bootstrap, client });
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      const topics = feedNames.map(rig.topicOf);
      // Only one of the clients has the broker remember it.
      if (client === 'platformatic') expect(await knownProducers(bootstrap, topics)).toBeGreaterThan(0);
      await expect.poll(() => knownProducers(bootstrap, topics), patience).toBe(0);
      rig.fill(60);
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      expect(rig.daemon.recorder.of('feed.halted')).toEqual([]);
      expect(await rig.verdict('producer expired')).toEqual(spotless);
    });

    test('since all records were deleted', async () => {
      await using rig = await openRig({ bootstrap, client });
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      const deleted = eventsOf(rig);
      await deleteRecords(rig);
      rig.fill(60);
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      expect(rig.daemon.recorder.of('feed.halted')).toEqual([]);
      expect(await rig.verdict('records deleted', deleted)).toEqual(spotless);
    });

    test('since all records were deleted and the broker was killed', async () => {
      await using rig = await openRig({ bootstrap, client });
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      const deleted = eventsOf(rig);
      await deleteRecords(rig);
      await kafka.restart();
      rig.fill(60);
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      expect(rig.daemon.recorder.of('feed.halted')).toEqual([]);
      const verdict = await rig.verdict('records deleted and broker killed', deleted);
      // What was sent over the dead connection was perhaps written; a broker that is killed may bring back what was deleted.
      const { doubled, alien } = verdict;
      expect(verdict).toEqual({ ...spotless, doubled, alien });
      expect(alien.filter((name) => !deleted.has(name))).toEqual([]);
    });

    test('since its topic was deleted and created again while it had nothing to send', async () => {
      await using rig = await openRig({ bootstrap, client });
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      const deleted = new Set(
        eventsOf(rig)
          .values()
          .filter((name) => name.startsWith(`${feed}/`)),
      );
      await deleteTopic(bootstrap, rig.topicOf(feed));
      await expect.poll(() => admin.listTopics(), patience).not.toContain(rig.topicOf(feed));
      await rig.createTopic(feed);
      rig.fill(60);
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      expect(rig.daemon.recorder.of('feed.halted')).toEqual([]);
      expect(await rig.verdict('topic created anew', deleted)).toEqual(spotless);
    });
  });
});

import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { deleteTopic, forbidTopic } from '../../support/kafka/topics.ts';
import { allowTopic } from '../../support/kafka-pipelines/ill-topics.ts';
import { clients } from '../../support/kafka-pipelines/kafka-daemon.ts';
import { openRig, type Rig } from '../../support/kafka-pipelines/rig.ts';
import { spotless } from '../../support/kafka-pipelines/verdict.ts';

const suite = await ownKafkaSuite();
const feed = 'journey';
const others = feedNames.filter((name) => name !== feed);
const patience = { interval: 20, timeout: 30_000 };

async function halted(rig: Rig, code: string) {
  await expect
    .poll(async () => (await rig.daemon.feeds())[`fenergo/${feed}`], patience)
    .toMatchObject({
      state: 'halted',
      lastError: { code },
    });
}

suite('a pipeline into Kafka', ({ bootstrap }) => {
  describe.each(clients)('with %s', { timeout: 60_000 }, (client) => {
    test('halts the feed whose topic is deleted, and goes on when it is there again', async () => {
      await using rig = await openRig({ bootstrap, client });
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      const deleted = new Set(
        rig.upstream.simulator.ledger(feed).flatMap(({ eventIds }) => eventIds.map((id) => `${feed}/${id}`)),
      );
      await deleteTopic(bootstrap, rig.topicOf(feed));
      rig.fill(60);
      await halted(rig, 'DESTINATION_MISSING');
      const { error } = rig.daemon.recorder.of('feed.halted')[0] ?? {};
      expect(error?.hint).toContain(`--create --topic ${rig.topicOf(feed)}`);
      await expect.poll(() => rig.isEmpty(others), patience).toBe(true);
      expect(rig.daemon.recorder.of('feed.halted').map((event) => event.feed)).toEqual([`fenergo/${feed}`]);
      await rig.createTopic(feed);
      await rig.daemon.operations.resume(`fenergo/${feed}`, 'created again');
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      expect(await rig.verdict('a topic deleted and created again', deleted)).toEqual(spotless);
    });

    test('halts the feed whose topic is deleted under way, and goes on by itself at the next probe', async () => {
      await using rig = await openRig({ bootstrap, client, eventsPerFeed: 2_000, probeMs: 500 });
      const { simulator } = rig.upstream;
      await expect.poll(() => simulator.stats().feeds[feed].completedEvents, patience).toBeGreaterThan(100);
      await deleteTopic(bootstrap, rig.topicOf(feed));
      await halted(rig, 'DESTINATION_MISSING');
      const deleted = new Set(
        simulator
          .ledger(feed)
          .filter(({ completed }) => completed !== null)
          .flatMap(({ eventIds }) => eventIds.map((id) => `${feed}/${id}`)),
      );
      await rig.createTopic(feed);
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      const verdict = await rig.verdict('a topic deleted under way', deleted);
      // What was under way as the topic went may have been in it.
      expect(verdict).toEqual({ ...spotless, doubled: verdict.doubled });
      expect(verdict.doubled.filter((batch) => batch.feed !== feed)).toEqual([]);
    });

    test.each(['describe', 'nothing'] as const)(
      'halts the feed of whose topic %s is allowed, and goes on in order when that is lifted',
      async (allowed) => {
        await using rig = await openRig({ bootstrap, client });
        await expect.poll(() => rig.isEmpty(), patience).toBe(true);
        await forbidTopic(bootstrap, rig.topicOf(feed), allowed);
        rig.fill(60);
        await halted(rig, 'BROKER_NOT_AUTHORISED');
        await expect.poll(() => rig.isEmpty(others), patience).toBe(true);
        expect(rig.daemon.recorder.of('feed.halted').map((event) => event.feed)).toEqual([`fenergo/${feed}`]);
        await allowTopic(bootstrap, rig.topicOf(feed));
        await rig.daemon.operations.resume(`fenergo/${feed}`, 'allowed again');
        await expect.poll(() => rig.isEmpty(), patience).toBe(true);
        expect(await rig.verdict(`writing forbidden for a time (${allowed} allowed)`)).toEqual(spotless);
      },
    );
  });
});

import { expect, test } from 'vitest';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { createEventMaker } from '../../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../../connectors/fenergo/simulator/options.ts';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { readTopic } from '../../support/kafka/read-topic.ts';
import { setTopicLimit } from '../../support/kafka/topics.ts';
import { clients } from '../../support/kafka-pipelines/kafka-daemon.ts';
import { openRig } from '../../support/kafka-pipelines/rig.ts';

const suite = await ownKafkaSuite();
const feed = 'journey';
const patience = { interval: 20, timeout: 30_000 };
/** Another seed than that of the simulator's own events, so that ids differ. */
const maker = createEventMaker(feed, 78, defaultTenant);
const sizes = [600, 5_000, 600];

suite('what a topic refused', ({ bootstrap }) => {
  test.each(clients)(
    'is redriven through a running daemon with %s when the limit is raised, byte for byte, once',
    { timeout: 90_000 },
    async (client) => {
      await using rig = await openRig({ bootstrap, client, eventsPerFeed: 0, config: { 'max.message.bytes': '3000' } });
      const { operations } = rig.daemon;
      const at = Date.parse('2022-01-23T08:13:56.840Z');
      const records = sizes.map((eventBytes, index) => maker.render(index + 1, { at, eventBytes }));
      rig.upstream.simulator.enqueue(feed, batchBody('large', records, true), 'large');
      await expect.poll(() => rig.isEmpty(), patience).toBe(true);
      const [letter] = await operations.deadLetters({ limit: 10 });
      if (letter === undefined) throw new Error('nothing was set aside');
      const options = { outOfOrder: true, dryRun: false };

      expect(await operations.redrive(letter.id, options)).toMatchObject({
        outcome: 'refused',
        code: 'EVENT_TOO_LARGE',
      });
      expect(await operations.deadLetter(letter.id)).toMatchObject({ status: 'open', attempts: letter.attempts + 1 });

      await setTopicLimit(bootstrap, rig.topicOf(feed), 1_000_000);
      expect(await operations.redrive(letter.id, options)).toMatchObject({ outcome: 'redriven', events: 1 });
      expect(await operations.redrive(letter.id, options)).toMatchObject({ outcome: 'closed' });
      expect(await operations.deadLetter(letter.id)).toMatchObject({ status: 'redriven' });

      const read = await readTopic(bootstrap, rig.topicOf(feed));
      expect(read).toHaveLength(sizes.length);
      const last = read.at(-1);
      expect(last?.value.equals(letter.envelope ?? Buffer.of())).toBe(true);
      expect(last?.key).toBe(letter.partitionKey);
      const { id } = JSON.parse(last?.value.toString() ?? '');
      const [receipt] = await operations.trace(id, 5);
      expect(receipt?.events).toMatchObject([{ id, receipt: { partition: last?.partition, offset: last?.offset } }]);
    },
  );
});

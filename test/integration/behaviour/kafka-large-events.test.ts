import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { createEventMaker } from '../../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../../connectors/fenergo/simulator/options.ts';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { clients } from '../../support/kafka-pipelines/kafka-daemon.ts';
import { openRig } from '../../support/kafka-pipelines/rig.ts';
import { spotless } from '../../support/kafka-pipelines/verdict.ts';

const suite = await ownKafkaSuite();
const feed = 'journey';
const patience = { interval: 20, timeout: 30_000 };
/** Another seed than that of the simulator's own events, so that ids differ. */
const maker = createEventMaker(feed, 77, defaultTenant);

/** An event of about so many bytes; `noise`: nothing in it can be compressed away. */
function render(sequence: number, eventBytes: number, noise: boolean): string {
  const text = maker.render(sequence, { at: Date.parse('2022-01-23T08:13:56.840Z'), eventBytes });
  return noise ? text.replace(/n{20,}/, ({ length }) => randomText(length)) : text;
}

function randomText(length: number): string {
  return Buffer.from(Array.from({ length }, () => Math.floor(Math.random() * 256)))
    .toString('base64url')
    .slice(0, length);
}

interface Case {
  readonly name: string;
  /** Bytes of each event of a batch. */
  readonly sizes: readonly number[];
  /** Positions of those that cannot be written. */
  readonly tooLarge: readonly number[];
  readonly maxMessageBytes?: number;
  readonly compression?: 'gzip';
  readonly noise?: boolean;
}

const small = 600;
const cases: readonly Case[] = [
  { name: 'one in the middle of a batch', sizes: [small, small, 1_500_000, small, small], tooLarge: [2] },
  {
    name: 'the first, the last and two in between',
    sizes: [2_000_000, small, small, 1_500_000, 1_500_000, small, 2_000_000],
    tooLarge: [0, 3, 4, 6],
  },
  { name: 'none, when they are only too large together', sizes: Array(10).fill(450_000), tooLarge: [] },
  {
    name: 'one over a small limit of the topic',
    sizes: [small, small, small, 5_000, small, small],
    tooLarge: [3],
    maxMessageBytes: 3_000,
  },
  {
    name: 'none that compression makes small enough',
    sizes: [small, 1_500_000, small, 3_000_000],
    tooLarge: [],
    compression: 'gzip',
  },
  {
    name: 'one that is too large compressed too',
    sizes: [small, 3_000_000, small],
    tooLarge: [1],
    compression: 'gzip',
    noise: true,
  },
];

suite('of events that are too large, a pipeline into Kafka sets aside', ({ bootstrap }) => {
  describe.each(clients)('with %s', { timeout: 60_000 }, (client) => {
    test.each(cases)(
      '$name',
      async ({ name, sizes, tooLarge, maxMessageBytes, compression = 'none', noise = false }) => {
        const config = maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(maxMessageBytes) };
        await using rig = await openRig({ bootstrap, client, config, to: { compression } });
        const { simulator } = rig.upstream;
        const records = sizes.map((size, at) => render(at + 1, size, noise));
        simulator.enqueue(feed, batchBody('large', records, true), 'large');
        rig.fill(20);
        await expect.poll(() => rig.isEmpty(), patience).toBe(true);

        const letters = await rig.daemon.operations.deadLetters({ limit: 100 });
        expect(letters.map(({ feed, code, stage, batchId, index }) => ({ feed, code, stage, batchId, index }))).toEqual(
          tooLarge.map((index) => ({
            feed: `fenergo/${feed}`,
            code: 'EVENT_TOO_LARGE',
            stage: 'publish',
            batchId: 'large',
            index,
          })),
        );
        for (const { id, index } of letters) {
          const { record } = await rig.daemon.operations.deadLetter(id);
          expect(Buffer.from(record.bytes).equals(Buffer.from(records[index] ?? ''))).toBe(true);
        }
        expect(simulator.ledger(feed).find(({ batchId }) => batchId === 'large')?.completedBy).toBe('client');
        expect(rig.daemon.recorder.of('feed.halted')).toEqual([]);
        expect(feedNames.flatMap((name) => rig.troublesOf(name)).filter((code) => code !== 'EVENT_TOO_LARGE')).toEqual(
          [],
        );
        expect(await rig.verdict(`too large: ${name}`)).toEqual(spotless);
      },
    );
  });
});

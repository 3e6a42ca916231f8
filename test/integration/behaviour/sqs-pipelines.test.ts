import { expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { sqsSinkType } from '../../../src/sinks/sqs/index.ts';
import { startUpstream } from '../../support/bridge/upstream.ts';
import { startBridge } from '../../support/daemon.ts';
import { judgeByAppendTimes } from '../../support/judge/append-times.ts';
import { judge } from '../../support/judge/judge.ts';
import { tally } from '../../support/judge/tally.ts';
import { sqsSuite } from '../../support/sqs/acquire.ts';
import { type Interference, refusal, standBefore } from '../../support/sqs/interfering.ts';
import { createQueue, drainQueue } from '../../support/sqs/protocol.ts';
import { uniqueName } from '../../support/sqs/sink-calls.ts';

const suite = await sqsSuite();
const events = 60;

const failed = { Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }], Successful: [] };

/** What goes wrong, by the number of the request; the others go well. `cut` after the server had it: sent again, it is there already. */
const troubles: ReadonlyMap<number, Interference> = new Map([
  [0, { kind: 'cut', served: true }],
  [3, { kind: 'cut', served: false }],
  [6, refusal(503, 'ServiceUnavailable')],
  [9, refusal(500, 'InternalFailure')],
  [12, { kind: 'answer', status: 200, body: failed }],
  [15, refusal(400, 'ThrottlingException')],
]);
const cycle = 18;

const kinds = [
  { kind: 'FIFO queues, one group a feed', end: '.fifo', partitionBy: 'feed' },
  { kind: 'FIFO queues, a group for each entity', end: '.fifo', partitionBy: 'entity' },
  { kind: 'standard queues', end: '', partitionBy: 'feed' },
];

suite('six feeds through a network that cuts, refuses and throttles', ({ endpoint }) => {
  test.each(kinds)('arrive whole in $kind', { timeout: 60_000 }, async ({ kind, end, partitionBy }) => {
    const stem = uniqueName('drain');
    const urls = new Map<string, string>();
    for (const feed of feedNames) urls.set(feed, await createQueue(endpoint, `${stem}-${feed}${end}`));
    await using front = await standBefore(endpoint, ({ operation, earlier }) =>
      operation === 'SendMessageBatch' ? troubles.get(earlier % cycle) : undefined,
    );
    await using upstream = await startUpstream({ eventsPerFeed: events, entities: 7, absent: () => [] });
    const credentials = '{ accessKeyId: ferry, secretAccessKey: key }';
    {
      await using _bridge = await startBridge({
        baseUrl: upstream.simulator.baseUrl,
        from: ['feeds: all', 'schedule: { every: 200ms }', `partitionBy: ${partitionBy}`],
        sinkType: sqsSinkType,
        brokers: `{ aws: { type: sqs, region: eu-central-1, endpoint: "${front.endpoint}", credentials: ${credentials}, confirmTimeout: 2s } }`,
        to: `{ broker: aws, queue: "${stem}-{feed}${end}" }`,
        timing: { publish: { baseMs: 5, capMs: 50, jitter: 'full' } },
      });
      const isDone = () => feedNames.every((feed) => upstream.simulator.stats().feeds[feed].completedEvents === events);
      await expect.poll(isDone, { interval: 20, timeout: 40_000 }).toBe(true);
    }
    const found = await Promise.all(
      [...urls].map(async ([feed, url]) =>
        (await drainQueue(endpoint, url)).map(({ body, group, sentAt }) => {
          const { id }: { id: string } = JSON.parse(body);
          // A standard queue keeps no order, so that there is none to be judged.
          return { feed, id, bytes: Buffer.from(body), lane: group ?? id, appendedAt: sentAt };
        }),
      ),
    );
    const stored = found.flat();
    const batches = upstream.simulator.ledger();
    const evidence = { batches, completes: judgeByAppendTimes(upstream.completes, batches, stored), stored };
    const { doubled, ...verdict } = judge(evidence);
    console.log(tally(`sqs, ${kind}, ${front.requests.length} requests`, evidence, { doubled, ...verdict }));
    expect(verdict).toEqual({ open: [], lost: [], alien: [], reordered: [], scattered: [], early: [], altered: [] });
    if (end === '.fifo') expect(doubled).toEqual([]);
    expect(new Set(stored.map(({ lane }) => lane)).size).toBeGreaterThan(partitionBy === 'entity' ? 6 : 0);
  });
});

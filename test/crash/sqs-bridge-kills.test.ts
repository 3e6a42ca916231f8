import { test } from 'vitest';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { openDrain } from './drain.ts';
import { callsFor, expectOneBatchPerKill, killBridges } from './kill-bridges.ts';
import { full, killMoments, seed } from './scale.ts';
import { sqsGround } from './sqs-ground.ts';

const kills = full ? 20 : 3;
const eventsPerFeed = full ? 5_000 : 500;

const suite = await ownSqsSuite();

suite('a bridge to SQS', ({ endpoint }) => {
  // What a FIFO queue has within 5 minutes again, it swallows: there may be fewer doubles than batches published twice.
  test.each(['standard', 'FIFO'] as const)(
    `%s queues: ${kills} kills lose and complete nothing wrongly, keep the order there is, and double one batch a feed at most`,
    { timeout: 600_000 },
    async (kind) => {
      await using drain = await openDrain(await sqsGround(endpoint, kind), eventsPerFeed);
      await killBridges(drain, killMoments(kills, callsFor(eventsPerFeed)));
      const verdicts = await drain.finish(`sqs, ${kind} queues, ${kills} kills of the bridge (seed ${seed})`);
      expectOneBatchPerKill(verdicts, kills);
    },
  );
});

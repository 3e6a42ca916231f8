import type { Batch } from '../../src/core/batch.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { Source } from '../../src/core/source.ts';
import { sampleRecord } from '../support/sample-events.ts';
import { aborted } from '../support/scripted-source.ts';
import type { Desk } from './desk.ts';
import type { Promises } from './promises.ts';
import type { Held } from './upstream.ts';

/** What a source that hands out many batches needs to know. */
export interface ManyAtOnce {
  readonly feed: number;
  readonly ackOrder: Source['ackOrder'];
  readonly batches: readonly Held[];
  /** What each claims to weigh. */
  readonly bytes: number;
  readonly desk: Desk;
  readonly promises: Promises;
}

/** Hands out batch after batch without waiting for acks, as webhooks and mailboxes do; after a nack, all that is open again. */
export function manyAtOnce({ feed, ackOrder, batches, bytes, desk, promises }: ManyAtOnce): Source {
  function toBatch(held: Held): Batch {
    const done = () => {
      held.done = true;
    };
    return {
      feed: `model/${feed}`,
      upstreamId: held.id,
      bytes,
      records: held.bodies.map(sampleRecord),
      async ack(signal) {
        promises.acknowledging(held);
        await desk.call<void>({
          name: 'ack',
          feed,
          about: held.id,
          signal,
          answer({ kind }) {
            if (kind === 'well' || kind === 'fatal done') done();
            if (kind !== 'well') throw new BridgeError('COMPLETE_REFUSED', 'the ack was refused');
          },
          land: done,
          givenUp() {
            throw new BridgeError('STOPPING', 'stopped in an ack');
          },
        });
      },
      async nack() {},
    };
  }

  return {
    feed: `model/${feed}`,
    ackOrder,
    async *batches(stop) {
      for (const held of batches.filter(({ done }) => !done)) {
        const stopped = Symbol('stopped');
        const given = await desk.call<typeof stopped | Held>({
          name: 'give',
          feed,
          about: held.id,
          signal: stop,
          answer({ kind }) {
            if (kind === 'fatal') throw new BridgeError('UPSTREAM_REFUSED', 'no batch was given');
            return held;
          },
          land() {},
          givenUp: () => stopped,
        });
        if (given === stopped) return;
        if (!held.done) yield toBatch(held);
      }
      await aborted(stop);
    },
  };
}

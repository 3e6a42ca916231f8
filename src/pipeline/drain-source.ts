import type { Batch } from '../core/batch.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Source } from '../core/source.ts';
import type { Handling } from './handling.ts';
import type { InFlight } from './in-flight.ts';

/** `stop`: take nothing more. `abort`: give up what is in flight too. */
export interface Signals {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/**
 * Takes batch after batch and settles them, many at a time where the source gives them so. Resolves when stopped and
 * nothing is in flight any more; rejects with the fatal BridgeError that ended it, likewise when nothing is in flight.
 * After a fatal error nothing more is published: it would overtake the batch that was given back.
 */
export async function drainSource(source: Source, handling: Handling, inFlight: InFlight, signals: Signals) {
  const halt = new AbortController();
  const stop = AbortSignal.any([signals.stop, halt.signal]);
  // Not the feed's own signal: what the publisher gets under this one ends with this drain.
  const abort = AbortSignal.any([signals.abort]);
  const open = new Set<Promise<void>>();
  let fatal: BridgeError | undefined;
  let predecessor: Promise<void> = Promise.resolve();

  const end = (thrown: unknown) => {
    const error = toBridgeError(thrown);
    if (error.disposition !== 'fatal') return;
    fatal ??= error;
    halt.abort();
  };

  try {
    await handling.open(stop);
    for await (const batch of source.batches(stop)) {
      await enter(inFlight, batch, abort);
      if (fatal) {
        inFlight.leave(batch.bytes);
        await batch.nack(fatal);
        break;
      }
      if (batch.deadline !== undefined && Date.now() >= batch.deadline) {
        inFlight.leave(batch.bytes);
        await batch.nack(new BridgeError('ANSWER_TOO_LATE', 'there was no room for it in time'));
        continue;
      }
      const { promise: mayFollow, resolve: queued } = Promise.withResolvers<void>();
      const mayAck = source.ackOrder === 'in-order' ? predecessor : undefined;
      const settled = handling.settle(batch, { queued, mayAck }, abort);
      predecessor = settled;
      const leave = () => {
        inFlight.leave(batch.bytes);
        open.delete(done);
        queued();
      };
      const done = settled.then(leave, (thrown) => {
        end(thrown);
        leave();
      });
      open.add(done);
      await (handling.oneByOne ? done : mayFollow);
    }
  } catch (error) {
    end(error);
  }
  await Promise.all(open);
  if (fatal) throw fatal;
}

async function enter(inFlight: InFlight, batch: Batch, signal: AbortSignal) {
  try {
    await inFlight.enter(batch.bytes, signal);
  } catch (thrown) {
    await batch.nack(toBridgeError(thrown));
    throw thrown;
  }
}

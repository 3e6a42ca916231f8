import { BridgeError } from '../core/errors.ts';
import { isPassing, mostTries, waitForNextTry } from './another-try.ts';
import type { Upstream } from './upstream-call.ts';

/** On a feed that was long unused, upstream needs minutes. */
const timeoutMs = 120_000;

export interface Discarded {
  readonly attempts: number;
  readonly proof: 'empty' | 'newer-batch';
}

type Discard = NonNullable<Upstream['protocol']['discard']>;

/** Rejects with FEED_NOT_CAPABLE. */
export function discardOf({ feed, protocol }: Upstream): Discard {
  if (protocol.discard !== undefined) return protocol.discard;
  throw new BridgeError('FEED_NOT_CAPABLE', `the upstream of ${feed} has no call that discards what waits`);
}

/** What the next batch proves: old events can never come after newer ones. */
async function prove(upstream: Upstream, discard: Discard, sentAt: Date): Promise<Discarded['proof'] | undefined> {
  const { client, protocol, signal } = upstream;
  const answer = protocol.readNext(await client.send(protocol.next(upstream.context()), signal));
  if (answer.kind === 'empty') return 'empty';
  return discard.isAfter(answer.batch, sentAt) ? 'newer-batch' : undefined;
}

/**
 * Drops what waits upstream. A call that times out or fails may have worked, so what `next` gives decides each time;
 * up to five calls. Rejects with DISCARD_UNVERIFIED, or with what failed last.
 */
export async function discardAll(upstream: Upstream): Promise<Discarded> {
  const discard = discardOf(upstream);
  const { client, feed, signal } = upstream;
  const sentAt = new Date();
  for (let attempts = 1; ; attempts += 1) {
    let failure: BridgeError | undefined;
    try {
      const request = { ...discard.request(upstream.context()), timeoutMs };
      discard.read(await client.send(request, signal));
    } catch (error) {
      if (!isPassing(error)) throw error;
      failure = error;
    }
    try {
      const proof = await prove(upstream, discard, sentAt);
      if (proof !== undefined) return { attempts, proof };
    } catch (error) {
      if (!isPassing(error)) throw error;
      failure ??= error;
    }
    if (attempts === mostTries) {
      const message = `${feed} still has events from before the discard, after ${attempts} calls`;
      throw failure ?? new BridgeError('DISCARD_UNVERIFIED', message);
    }
    await waitForNextTry(upstream, attempts, failure);
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { LedgerBatch } from '../../connectors/fenergo/simulator/ledger.ts';
import type { Upstream } from '../support/bridge/upstream.ts';
import { judgeByAppendTimes } from '../support/judge/append-times.ts';
import type { Evidence } from '../support/judge/judge.ts';
import type { Found, Ground } from './ground.ts';

/** What upstream knows. */
interface Testimony {
  readonly batches: readonly LedgerBatch[];
  readonly completes: Upstream['completes'];
  /** Order is kept for each entity of a feed, not for the whole feed. */
  readonly byEntity: boolean;
}

const limitMs = 300_000;
const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Reads all that is at a broker, and puts it beside what upstream knows. */
export async function gatherEvidence(ground: Ground, { batches, completes, byEntity }: Testimony): Promise<Evidence> {
  const late = delay(limitMs, undefined, { ref: false }).then(() => {
    throw new Error(`what is stored could not be read within ${limitMs} ms`);
  });
  const stored = (await Promise.race([ground.read(), late])).map(toStored);
  if (ground.absent) return { batches, completes, stored };
  return { batches, completes: judgeByAppendTimes(completes, batches, stored), stored };

  function toStored({ feed, bytes, place, appendedAt = Number.POSITIVE_INFINITY }: Found) {
    const { id, data } = JSON.parse(Buffer.from(bytes).toString()) as { id: string; data: { relativeUrl: string } };
    const entity = byEntity ? (uuid.exec(data.relativeUrl)?.[0] ?? '') : '';
    // Where no order is kept, there is none to be judged: each event is a lane of its own.
    return {
      feed,
      id,
      bytes,
      appendedAt,
      lane: ground.keepsOrder ? entity : id,
      ...(place !== undefined && { place }),
    };
  }
}

import { BridgeError } from '../core/errors.ts';
import { isPassing, mostTries, waitForNextTry } from './another-try.ts';
import { type FoundBatch, findOpenBatch, type Upstream } from './upstream-call.ts';

/** What went wrong; undefined: it is complete. Throws what another try will not mend. */
async function tryOnce({ client, protocol, signal, context }: Upstream, batchId: string) {
  if (protocol.complete === undefined) return undefined;
  try {
    const response = await client.send(protocol.complete.request(batchId, context()), signal);
    if (protocol.complete.read(response) === 'completed') return undefined;
    return new BridgeError('COMPLETE_REFUSED', `complete of batch ${batchId} answers ${response.status}`);
  } catch (error) {
    if (isPassing(error)) return error;
    throw error;
  }
}

/** Only what upstream hands out next can tell whether a complete that failed has worked all the same. */
async function isGone(upstream: Upstream, { batchId, response }: FoundBatch): Promise<boolean> {
  try {
    const next = await findOpenBatch(upstream);
    if (next === undefined) return true;
    if (next.batchId !== undefined && batchId !== undefined) return next.batchId !== batchId;
    return !Buffer.from(next.response.body).equals(response.body);
  } catch (error) {
    if (isPassing(error)) return false;
    throw error;
  }
}

/** Completes a batch; after a failure, `next` decides. Rejects with what failed last when it is still there after five tries. */
export async function completeBatch(upstream: Upstream, batch: FoundBatch, batchId: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const failure = await tryOnce(upstream, batchId);
    if (failure === undefined || (await isGone(upstream, batch))) return;
    if (attempt === mostTries) throw failure;
    await waitForNextTry(upstream, attempt, failure);
  }
}

import { BridgeError } from '../core/errors.ts';
import { backoffMs, upstreamBackoff, wait } from '../pipeline/backoff.ts';
import { type FoundBatch, findOpenBatch, type Upstream } from './upstream-call.ts';

const mostTries = 5;

async function tryOnce(upstream: Upstream, batchId: string): Promise<BridgeError | undefined> {
  const { client, protocol, signal } = upstream;
  if (protocol.complete === undefined) return undefined;
  try {
    const response = await client.send(protocol.complete.request(batchId, upstream.context()), signal);
    if (protocol.complete.read(response) === 'completed') return undefined;
    return new BridgeError('COMPLETE_REFUSED', `complete of batch ${batchId} answers ${response.status}`);
  } catch (error) {
    if (error instanceof BridgeError && error.code !== 'STOPPING' && error.code !== 'INTERNAL') return error;
    throw error;
  }
}

/** Only what upstream hands out next can tell whether a complete that failed has worked all the same. */
async function isGone(upstream: Upstream, { batchId, response }: FoundBatch): Promise<boolean> {
  const next = await findOpenBatch(upstream);
  if (next === undefined) return true;
  if (next.batchId !== undefined && batchId !== undefined) return next.batchId !== batchId;
  return !Buffer.from(next.response.body).equals(response.body);
}

/** Completes a batch; after a failure, `next` decides. Rejects with what failed last when it is still there after five tries. */
export async function completeBatch(upstream: Upstream, batch: FoundBatch, batchId: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const failure = await tryOnce(upstream, batchId);
    if (failure === undefined) return;
    const verified = await isGone(upstream, batch).catch((error: unknown) => {
      if (error instanceof BridgeError && error.disposition === 'retryable' && error.code !== 'STOPPING') return false;
      throw error;
    });
    if (verified) return;
    if (attempt === mostTries) throw failure;
    await wait(backoffMs(upstreamBackoff, attempt), upstream.signal);
  }
}

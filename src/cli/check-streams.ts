import type { Configuration } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { StreamArrival } from '../core/stream.ts';
import type { ProxySettings } from '../http/channel.ts';
import { tryStream } from '../open-stream.ts';
import { adviceFor } from '../telemetry/error-text.ts';
import { bounded } from './bounded.ts';

interface StreamFeed {
  readonly feed: FeedName;
  readonly arrival: StreamArrival;
}

async function checkStream({ feed, arrival }: StreamFeed, proxy: ProxySettings, timeoutMs: number): Promise<Finding> {
  const late = () => new BridgeError('UPSTREAM_TIMEOUT', `no answer within ${timeoutMs / 1_000} s`);
  try {
    await bounded(timeoutMs, late, (signal) => tryStream(feed, arrival, proxy, signal));
    return { severity: 'ok', subject: feed, message: 'upstream answers with a stream' };
  } catch (thrown) {
    const error = toBridgeError(thrown);
    const hint = adviceFor(error, feed);
    return { severity: 'error', subject: feed, code: error.code, message: error.message, hint };
  }
}

/**
 * Connects to each stream for a moment, beside a bridge that may run: reachable, credentials good, a stream at all. What
 * it tells meanwhile is told to that bridge too.
 */
export async function checkStreams(
  { pipelines }: Configuration,
  proxy: ProxySettings,
  timeoutMs: number,
): Promise<readonly Finding[]> {
  const streams = pipelines.flatMap(({ name, feeds }) =>
    feeds.flatMap(({ name: feed, arrival }): StreamFeed[] =>
      arrival.kind === 'sse' ? [{ feed: `${name}/${feed}`, arrival }] : [],
    ),
  );
  return await Promise.all(streams.map((stream) => checkStream(stream, proxy, timeoutMs)));
}

import type { Configuration } from '../config/configuration.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { ProxySettings } from '../http/channel.ts';
import { adviceFor } from '../telemetry/error-text.ts';
import { bounded } from './bounded.ts';
import type { AskableFeed } from './feed-clients.ts';

async function checkFeed({ feed, ask }: AskableFeed, timeoutMs: number): Promise<Finding> {
  const late = () => new BridgeError('UPSTREAM_TIMEOUT', `no answer within ${timeoutMs / 1_000} s`);
  try {
    const answer = await bounded(timeoutMs, late, ask);
    if (answer.kind === 'empty') return { severity: 'ok', subject: feed, message: 'upstream answers: nothing waits' };
    const { upstreamId, records } = answer.batch;
    const batch = upstreamId === undefined ? 'a batch' : `batch ${upstreamId}`;
    return { severity: 'ok', subject: feed, message: `upstream answers: ${batch} of ${records.length} records waits` };
  } catch (thrown) {
    const error = toBridgeError(thrown);
    const hint = adviceFor(error, feed);
    return { severity: 'error', subject: feed, code: error.code, message: error.message, hint };
  }
}

/** Asks each feed that is polled for its next batch, which changes nothing there: reachable, credentials good, feed known. */
export async function checkUpstreams(
  configuration: Configuration,
  proxy: ProxySettings,
  timeoutMs: number,
): Promise<readonly Finding[]> {
  const { openFeeds } = await import('./feed-clients.ts');
  await using opened = openFeeds(configuration, proxy);
  return await Promise.all(opened.feeds.map((feed) => checkFeed(feed, timeoutMs)));
}

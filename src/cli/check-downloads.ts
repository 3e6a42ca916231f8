import type { Configuration } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import type { Downloads } from '../core/downloads.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { ProxySettings } from '../http/channel.ts';
import { createHttpClient } from '../http/client.ts';
import { classifyStatus } from '../kit/classify-status.ts';
import { adviceFor } from '../telemetry/error-text.ts';
import { bounded } from './bounded.ts';
import { checkStore } from './check-store.ts';
import { type JudgeDisk, judgeDisk } from './judge-disk.ts';

interface DownloadingFeed {
  readonly feed: FeedName;
  readonly downloads: Downloads;
}

/** That there is no such content is what a good upstream says, and that the request for it is none. */
function isGood(status: number): boolean {
  return (status >= 200 && status < 300) || [400, 404, 410, 422].includes(status);
}

async function ask({ feed, downloads }: DownloadingFeed, proxy: ProxySettings, signal: AbortSignal): Promise<number> {
  await using client = createHttpClient(downloads.endpoint, { proxy, subject: feed, report: () => {} });
  const request = { method: 'GET', path: downloads.absentPath } as const;
  const received = await client.receive(request, async () => {}, signal);
  if (received.kind === 'taken') return 200;
  const { status } = received.response;
  if (!isGood(status)) throw classifyStatus(received.response, `GET ${downloads.absentPath}`);
  return status;
}

async function checkEndpoint(feed: DownloadingFeed, proxy: ProxySettings, timeoutMs: number): Promise<Finding> {
  const subject = feed.feed;
  const late = () => new BridgeError('UPSTREAM_TIMEOUT', `download: no answer within ${timeoutMs / 1_000} s`);
  try {
    const status = await bounded(timeoutMs, late, (signal) => ask(feed, proxy, signal));
    return { severity: 'ok', subject, message: `download answers: ${status} for a session that there is not` };
  } catch (thrown) {
    const error = toBridgeError(thrown);
    const { code, message } = error;
    return { severity: 'error', subject, code, message: `download: ${message}`, hint: adviceFor(error, subject) };
  }
}

/**
 * Asks where contents are fetched for one that there is not, which changes nothing there: reachable, credentials good;
 * and looks whether what is fetched can be kept.
 */
export async function checkDownloads(
  { pipelines, baseDir }: Configuration,
  proxy: ProxySettings,
  timeoutMs: number,
  judge: JudgeDisk = judgeDisk,
): Promise<readonly Finding[]> {
  const feeds = pipelines.flatMap(({ name, feeds }) =>
    feeds.flatMap(({ name: feed, downloads }): DownloadingFeed[] =>
      downloads === undefined ? [] : [{ feed: `${name}/${feed}`, downloads }],
    ),
  );
  return await Promise.all(
    feeds.flatMap((feed) => [
      checkEndpoint(feed, proxy, timeoutMs),
      checkStore(feed.downloads.store, baseDir, timeoutMs, judge),
    ]),
  );
}

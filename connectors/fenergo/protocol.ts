import type { HttpRequest, HttpResponse } from '../../src/core/http.ts';
import type { PolledBatch, PollProtocol } from '../../src/core/poll-protocol.ts';
import { classifyStatus } from '../../src/kit/classify-status.ts';
import { isRfc3339 } from '../../src/kit/rfc3339.ts';
import { readBatch } from './batch.ts';
import type { FenergoFeed } from './feeds.ts';
import type { Notification } from './payload.ts';
import { salvageBatchId } from './salvage.ts';

/** On a feed long unused upstream needs minutes. */
const discardTimeoutMs = 120_000;

/** Milliseconds since the epoch; undefined when the record has no readable `when`. */
function whenOf(bytes: Uint8Array): number | undefined {
  try {
    const { when } = JSON.parse(Buffer.from(bytes).toString()) as Notification;
    return typeof when === 'string' && isRfc3339(when) ? Date.parse(when) : undefined;
  } catch {
    return undefined;
  }
}

function isAfter(batch: PolledBatch, sentAt: Date): boolean {
  return batch.records.length > 0 && batch.records.every((record) => (whenOf(record.bytes) ?? 0) > sentAt.getTime());
}

/** Event notification polling, version 2, of one feed. */
export function fenergoProtocol(feed: FenergoFeed): PollProtocol {
  const root = `eventnotifications/v2/${feed}`;
  const request = (method: HttpRequest['method'], path: string): HttpRequest => ({
    method,
    path: `${root}/${path}`,
    headers: { accept: 'application/json' },
  });
  const failure = (response: HttpResponse, call: string): Error => classifyStatus(response, `${root}/${call}`);
  return {
    next: () => request('GET', 'next'),
    readNext(response) {
      if (response.status === 204) return { kind: 'empty' };
      if (response.status !== 200) throw failure(response, 'next');
      return { kind: 'batch', batch: readBatch(response, `${root}/next`) };
    },
    complete: {
      request: (batchId) => request('POST', `${encodeURIComponent(batchId)}/complete`),
      read(response) {
        if (response.status === 200 || response.status === 204) return 'completed';
        if (response.status === 404) return 'refused';
        throw failure(response, '…/complete');
      },
      salvageId: salvageBatchId,
    },
    discard: {
      request: () => ({ ...request('PUT', 'discardAll'), timeoutMs: discardTimeoutMs }),
      read(response) {
        if (response.status !== 200 && response.status !== 204) throw failure(response, 'discardAll');
      },
      isAfter,
    },
  };
}

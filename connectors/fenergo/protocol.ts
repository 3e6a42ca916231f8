import type { HttpRequest } from '../../src/core/http.ts';
import type { PolledBatch, PollProtocol } from '../../src/core/poll-protocol.ts';
import type { ResponseRule } from '../../src/core/response-policy.ts';
import { compileResponses } from '../../src/kit/response-policy.ts';
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

/** Success is told in two ways alone: what else looks like it came from somebody in between. */
const done: readonly ResponseRule[] = [
  { when: { status: ['200', '204'] }, treat: 'ok' },
  { when: { status: ['2xx'] }, treat: 'retry' },
];

const answers = {
  next: compileResponses([{ when: { status: ['204'] }, treat: 'empty' }, ...done]),
  // Whoever completes a batch that is not open is told that there is none.
  complete: compileResponses([{ when: { status: ['404'] }, treat: 'empty' }, ...done]),
  discard: compileResponses(done),
};

/** Event notification polling, version 2, of one feed. */
export function fenergoProtocol(feed: FenergoFeed): PollProtocol {
  const root = `eventnotifications/v2/${feed}`;
  const request = (method: HttpRequest['method'], path: string): HttpRequest => ({
    method,
    path: `${root}/${path}`,
    headers: { accept: 'application/json' },
  });
  return {
    next: () => request('GET', 'next'),
    readNext(response) {
      const what = `${root}/next`;
      if (answers.next.read(response, what) === 'empty') return { kind: 'empty' };
      return { kind: 'batch', batch: readBatch(response, what) };
    },
    complete: {
      request: (batchId) => request('POST', `${encodeURIComponent(batchId)}/complete`),
      read: (response) => (answers.complete.read(response, `${root}/…/complete`) === 'ok' ? 'completed' : 'refused'),
      salvageId: salvageBatchId,
    },
    discard: {
      request: () => ({ ...request('PUT', 'discardAll'), timeoutMs: discardTimeoutMs }),
      read(response) {
        answers.discard.read(response, `${root}/discardAll`);
      },
      isAfter,
    },
  };
}

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { StreamAnswer, StreamArrival, StreamClient } from '../../../src/core/stream.ts';
import type { ToldGap } from '../../../src/sources/sse/sse-feed.ts';
import { createSseSource } from '../../../src/sources/sse/sse-source.ts';
import { read, take } from '../../conformance/source/reader.ts';
import { type SourceUnderTest, sourceConformance } from '../../conformance/source.ts';
import { createMemoryState } from '../../support/memory-state.ts';

const arrival: StreamArrival = {
  kind: 'sse',
  endpoint: {
    baseUrl: 'http://stream',
    auth: { kind: 'none' },
    headers: {},
    tls: {},
    timeouts: { connect: 1, headers: 1, body: 1 },
    maxResponseBytes: 1,
  },
  path: 'events',
  tokenPlace: { kind: 'header', scheme: 'Bearer' },
  mediaType: 'text/plain',
  idleMs: 60_000,
  maxEventBytes: 1_000,
  retryMs: { min: 1, max: 10 },
  refusal: () => undefined,
};

const timing = {
  settledMs: 50,
  heartbeatMs: 1_000,
  retry: { baseMs: 1, capMs: 5, jitter: 'full' },
  paceMs: 1,
} as const;

/** An upstream with ids, that gives what follows the last one, a batch when the one before is safe. */
function openSubject(): SourceUnderTest & {
  readonly gaps: readonly ToldGap[];
  position(): Promise<string | undefined>;
} {
  const offered: (readonly { readonly id: number; readonly body: string }[])[] = [];
  const { cursors } = createMemoryState();
  const gaps: ToldGap[] = [];
  const saved: string[] = [];
  let failing: number = 0;
  let count = 0;
  let changed = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  const change = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };

  async function* chunksAfter(lastId: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (let at = 0; ; at++) {
      while (at >= offered.length) {
        await Promise.race([changed.promise, aborted]);
        if (signal.aborted) return;
      }
      const records = (offered[at] ?? []).filter(({ id }) => id > lastId);
      if (records.length === 0) continue;
      const waits = taken.promise;
      yield Buffer.from(records.map(({ id, body }) => `id: ${id}\ndata: ${body}\n\n`).join(''));
      await Promise.race([waits, aborted]);
      if (signal.aborted) return;
    }
  }

  const client: StreamClient = {
    async open(lastEventId, signal): Promise<StreamAnswer> {
      const status = failing === Number.POSITIVE_INFINITY ? 404 : failing-- > 0 ? 503 : 200;
      const ending = new AbortController();
      const either = AbortSignal.any([signal, ending.signal]);
      return {
        status,
        headers: { 'content-type': 'text/event-stream' },
        chunks: chunksAfter(Number(lastEventId ?? 0), either),
        head: async () => ({ status, headers: {}, body: Buffer.alloc(0), receivedAt: new Date() }),
        abort: () => ending.abort(),
      };
    },
    renew: () => false,
    async [Symbol.asyncDispose]() {},
  };
  const watched = {
    ...cursors,
    async set(feed: `${string}/${string}`, position: string) {
      await cursors.set(feed, position);
      if (Number(position) > Number(saved.at(-1) ?? 0)) {
        taken.resolve();
        taken = Promise.withResolvers();
      }
      saved.push(position);
    },
  };
  return {
    source: createSseSource({
      feed: 'sample/feed',
      arrival,
      client,
      cursors: watched,
      tellGap: async (gap) => void gaps.push(gap),
      report: () => {},
      timing,
    }),
    gaps,
    position: () => cursors.get('sample/feed'),
    offer(bodies) {
      offered.push(
        bodies.map((body) => {
          count += 1;
          return { id: count, body };
        }),
      );
      change();
    },
    acknowledged() {
      const last = Number(saved.at(-1) ?? 0);
      return offered.flatMap((batch) => batch.filter(({ id }) => id <= last).map(({ body }) => body));
    },
    fail(how) {
      failing = how === 'fatally' ? Number.POSITIVE_INFINITY : 3;
    },
    mend() {
      failing = 0;
    },
    async [Symbol.asyncDispose]() {},
  };
}

describe('a stream keeps the promises of a source', () => {
  for (const { name, run } of sourceConformance({ open: async () => openSubject() })) it(name, run);
});

describe('a stream', () => {
  it('moves its last event id with the ack, and not before', async () => {
    const subject = openSubject();
    subject.offer(['1', '2']);
    const reader = read(subject.source);
    const batch = await take(reader);
    // Whatever was begun with the batch is written by then, in memory.
    await turn();
    expect(await subject.position()).toBe('');
    await batch.ack(new AbortController().signal);
    expect(await subject.position()).toBe('2');
    reader.stop();
    expect(await reader.next()).toBeUndefined();
  });

  it('tells of the time in which it was stopped as a gap, and of no gap when it begins', async () => {
    const subject = openSubject();
    for (const body of ['1', '2']) {
      subject.offer([body]);
      const reader = read(subject.source);
      const batch = await take(reader);
      await batch.ack(new AbortController().signal);
      reader.stop();
      await reader.next();
    }
    expect(subject.gaps.map(({ reason, reconciled }) => [reason, reconciled])).toEqual([['stopped', false]]);
  });
});

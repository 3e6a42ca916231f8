import { describe, it } from 'vitest';
import { createPollSource } from '../../../src/sources/poll/poll-source.ts';
import { pollTiming } from '../../../src/sources/poll/timing.ts';
import { type SourceKind, type SourceUnderTest, sourceConformance } from '../../conformance/source.ts';
import { cursorProtocol, fakeProtocol } from '../../support/fake-protocol.ts';
import { createFakeUpstream, type FakeUpstream, type Fault } from '../../support/fake-upstream.ts';
import { createMemoryState } from '../../support/memory-state.ts';

const brief: Fault = { kind: 'status', status: 503 };
const lasting: Fault = { kind: 'status', status: 404 };

const timing = { ...pollTiming, retry: { baseMs: 2, capMs: 10, jitter: 'upwards' } } as const;

function faulty(upstream: FakeUpstream): Pick<SourceUnderTest, 'fail' | 'mend'> {
  return {
    fail(how) {
      let left = 3;
      const briefly = () => (left-- > 0 ? brief : undefined);
      upstream.misbehave = how === 'fatally' ? () => lasting : briefly;
    },
    mend() {
      upstream.misbehave = () => undefined;
    },
  };
}

const completed: SourceKind = {
  async open() {
    const upstream = createFakeUpstream();
    const bodies = new Map<string, readonly string[]>();
    const source = createPollSource({
      feed: 'sample/feed',
      client: upstream.client,
      protocol: fakeProtocol,
      schedule: { kind: 'every', everyMs: 10, jitter: 0 },
      cursors: createMemoryState().cursors,
      report: () => {},
      timing,
    });
    return {
      source,
      ...faulty(upstream),
      offer(records) {
        const id = `${bodies.size + 1}`;
        bodies.set(id, records);
        upstream.offer(id, ...records);
      },
      acknowledged: () => upstream.completed.flatMap((id) => bodies.get(id) ?? []),
      async [Symbol.asyncDispose]() {},
    };
  },
};

const byCursor: SourceKind = {
  async open() {
    const upstream = createFakeUpstream();
    const state = createMemoryState();
    const pages: (readonly string[])[] = [];
    upstream.answerNext = (position) => {
      const at = position === 'start' ? 0 : Number(position);
      const records = pages[at];
      return records && { id: `${at + 1}`, records, more: pages.length > at + 1 };
    };
    const source = createPollSource({
      feed: 'sample/feed',
      client: upstream.client,
      protocol: cursorProtocol,
      schedule: { kind: 'every', everyMs: 10, jitter: 0 },
      cursors: state.cursors,
      report: () => {},
      timing,
    });
    return {
      source,
      ...faulty(upstream),
      offer: (records) => void pages.push(records),
      acknowledged: () => pages.slice(0, Number(state.positions.get('sample/feed') ?? 0)).flat(),
      async [Symbol.asyncDispose]() {},
    };
  },
};

describe('a polled feed whose batches are completed', () => {
  for (const { name, run } of sourceConformance(completed)) it(name, run);
});

describe('a polled feed that is read by cursor', () => {
  for (const { name, run } of sourceConformance(byCursor)) it(name, run);
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { StoredAnswer } from '../../../src/core/requests.ts';
import { createAnswersSource } from '../../../src/sources/answers/answers-source.ts';
import { type Bell, createBell } from '../../../src/sources/answers/bell.ts';
import { createRecorder, type Recorder } from '../../support/recorder.ts';

const feed = 'wapi/answers';
const of = 'wapi/notifications';

let stored: StoredAnswer[];
let refusals: number;
let bell: Bell;
let recorder: Recorder;
let stop: AbortController;
beforeEach(() => {
  stored = [];
  refusals = 0;
  bell = createBell();
  recorder = createRecorder();
  stop = new AbortController();
});
afterEach(() => stop.abort());

function answered(sequence: number): StoredAnswer {
  const record = {
    bytes: Buffer.from(`<${sequence}/>`),
    mediaType: 'application/xml',
    headers: {},
    receivedAt: new Date(0),
  };
  return { sequence, requestId: `r${sequence}`, record };
}

function refuse(): void {
  if (refusals === 0) return;
  refusals -= 1;
  throw new BridgeError('STATE_UNWRITABLE', 'not now');
}

function open() {
  const requests = {
    async unpublished(asked: string, after: number, limit: number) {
      refuse();
      return asked === of ? stored.filter(({ sequence }) => sequence > after).slice(0, limit) : [];
    },
    async published(asked: string, sequence: number) {
      refuse();
      if (asked === of) stored = stored.filter((one) => one.sequence > sequence);
    },
  };
  const source = createAnswersSource({ feed, of, requests, bell, report: recorder.report });
  return source.batches(stop.signal)[Symbol.asyncIterator]();
}

async function next(batches: AsyncIterator<Batch>): Promise<Batch> {
  const { value, done } = await batches.next();
  if (done === true) throw new Error('there are no more');
  return value as Batch;
}

it('gives each answer as a batch of its own, in order, and forgets it when it is safe', async () => {
  stored = Array.from({ length: 40 }, (_, at) => answered(at + 1));
  const batches = open();
  for (let sequence = 1; sequence <= 40; sequence++) {
    const batch = await next(batches);
    expect(batch).toMatchObject({ feed, upstreamId: `r${sequence}`, position: `${sequence}` });
    expect(batch.records.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([`<${sequence}/>`]);
    await batch.ack(stop.signal);
    expect(stored[0]?.sequence).toBe(sequence === 40 ? undefined : sequence + 1);
  }
});

it('gives what comes later when it is told of it', async () => {
  const batches = open();
  const later = next(batches);
  await recorder.seen('feed.idle');
  stored.push(answered(7));
  bell.ring();
  expect(await later).toMatchObject({ upstreamId: 'r7' });
});

it('ends when an answer is given back, and gives it again to whoever asks next', async () => {
  stored = [answered(1), answered(2)];
  const batches = open();
  await (await next(batches)).nack(new BridgeError('BROKER_UNREACHABLE', 'away'));
  expect(await batches.next()).toMatchObject({ done: true });
  expect(await next(open())).toMatchObject({ upstreamId: 'r1' });
});

it('tries again where the state cannot be read, or written', async () => {
  stored = [answered(1)];
  refusals = 2;
  const batch = await next(open());
  refusals = 1;
  await batch.ack(stop.signal);
  expect(stored).toEqual([]);
  const activities = recorder.of('attempt.failed').map(({ activity }) => activity);
  expect(activities).toEqual(['next', 'next', 'complete']);
});

it('ends when it is stopped', async () => {
  const batches = open();
  const waiting = batches.next();
  await recorder.seen('feed.idle');
  stop.abort();
  expect(await waiting).toMatchObject({ done: true });
});

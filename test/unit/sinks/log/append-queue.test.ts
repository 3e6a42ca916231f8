import { expect, test } from 'vitest';
import { BridgeError } from '../../../../src/core/errors.ts';
import { type AppendOutcome, createAppendQueue } from '../../../../src/sinks/log/append-queue.ts';

const lines = (...texts: readonly string[]) => texts.map((text) => Buffer.from(text));
const late = new BridgeError('BROKER_TIMEOUT', 'late');

/** A queue whose writes end when they are told to. */
function slowQueue() {
  const writes: { readonly texts: readonly string[]; end(outcome: AppendOutcome): void }[] = [];
  const queue = createAppendQueue((group) => {
    const { promise, resolve } = Promise.withResolvers<AppendOutcome>();
    writes.push({ texts: group.map(String), end: resolve });
    return promise;
  });
  return { queue, writes };
}

test('one write at a time; what comes in meanwhile goes into the next one, in order', async () => {
  const { queue, writes } = slowQueue();
  const appends = [queue.append(lines('a')), queue.append(lines('b', 'c')), queue.append(lines('d'))];
  expect(writes.map(({ texts }) => texts)).toEqual([['a']]);
  writes[0]?.end({ status: 'written', firstOffset: 5 });
  await appends[0]?.outcome;
  await expect.poll(() => writes.length).toBe(2);
  expect(writes[1]?.texts).toEqual(['b', 'c', 'd']);
  writes[1]?.end({ status: 'written', firstOffset: 6 });
  expect(await Promise.all(appends.map(({ outcome }) => outcome))).toEqual(
    [5, 6, 8].map((firstOffset) => ({ status: 'written', firstOffset })),
  );
  await queue.settled();
  expect(queue.idle()).toBe(true);
});

test('what waits and is abandoned has failed and is never written; what is being written is unknown', async () => {
  const { queue, writes } = slowQueue();
  const [writing, waiting, next] = [queue.append(lines('a')), queue.append(lines('b')), queue.append(lines('c'))];
  waiting.abandon(late);
  writing.abandon(late);
  expect(await waiting.outcome).toEqual({ status: 'failed', error: late });
  expect(await writing.outcome).toEqual({ status: 'unknown', error: late });
  writes[0]?.end({ status: 'written', firstOffset: 0 });
  await expect.poll(() => writes[1]?.texts).toEqual(['c']);
  writes[1]?.end({ status: 'written', firstOffset: 1 });
  expect(await next.outcome).toEqual({ status: 'written', firstOffset: 1 });
});

test('to abandon what has ended changes nothing', async () => {
  const { queue, writes } = slowQueue();
  const append = queue.append(lines('a'));
  writes[0]?.end({ status: 'written', firstOffset: 0 });
  await append.outcome;
  append.abandon(late);
  expect(await append.outcome).toEqual({ status: 'written', firstOffset: 0 });
});

test('a write that fails fails all that went into it, and the next one is tried', async () => {
  const { queue, writes } = slowQueue();
  const first = queue.append(lines('a'));
  const group = [queue.append(lines('b')), queue.append(lines('c'))];
  writes[0]?.end({ status: 'written', firstOffset: 0 });
  await first.outcome;
  await expect.poll(() => writes.length).toBe(2);
  const after = queue.append(lines('d'));
  writes[1]?.end({ status: 'failed', error: late });
  expect(await Promise.all(group.map(({ outcome }) => outcome))).toEqual([
    { status: 'failed', error: late },
    { status: 'failed', error: late },
  ]);
  await expect.poll(() => writes[2]?.texts).toEqual(['d']);
  writes[2]?.end({ status: 'written', firstOffset: 1 });
  expect(await after.outcome).toEqual({ status: 'written', firstOffset: 1 });
});

test('a group is bounded in bytes, but a single append may be larger', async () => {
  const { queue, writes } = slowQueue();
  const large = [Buffer.alloc(9 * 1024 ** 2)];
  const appends = [lines('a'), large, lines('b'), large].map((part) => queue.append(part));
  for (let index = 0; index < appends.length; index += 1) {
    await expect.poll(() => writes.length).toBe(index + 1);
    expect(writes[index]?.texts).toHaveLength(1);
    writes[index]?.end({ status: 'written', firstOffset: index });
  }
  await queue.settled();
});

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startScript } from '../../../bench/support/child.ts';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';

const script = join(import.meta.dirname, '../../../bench/poll/upstream.ts');

interface Batch {
  readonly batchId: string;
  readonly moreAvailable: boolean;
  readonly notifications: readonly { readonly payload: { readonly Sequence: number } }[];
}

it('the upstream of the benchmark gives a batch until it is completed, then the next, and says when all are', async () => {
  await using upstream = await startScript(script, ['12']);
  const root = `${upstream.ready}/eventnotifications/v2`;
  const next = async (feed: string) => (await (await fetch(`${root}/${feed}/next`)).json()) as Batch;
  const complete = async (feed: string, batchId: string) =>
    (await fetch(`${root}/${feed}/${batchId}/complete`, { method: 'POST' })).status;
  const sequences = ({ notifications }: Batch) => notifications.map(({ payload }) => payload.Sequence);
  const drained = fetch(`${upstream.ready}/drained`);

  for (const feed of feedNames) {
    const first = await next(feed);
    expect(sequences(first)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(first.moreAvailable).toBe(true);
    expect(await next(feed)).toEqual(first);
    expect(await complete(feed, 'another')).toBe(404);
    expect(await complete(feed, first.batchId)).toBe(200);

    const second = await next(feed);
    expect(sequences(second)).toEqual([11, 12]);
    expect(second.moreAvailable).toBe(false);
    expect(await complete(feed, second.batchId)).toBe(200);
    expect((await fetch(`${root}/${feed}/next`)).status).toBe(204);
  }
  expect(Number(await (await drained).text())).toBeGreaterThan(0);
});

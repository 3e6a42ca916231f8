import { expect, it } from 'vitest';
import { judgeByAppendTimes } from '../../support/judge/append-times.ts';
import { sampleBatch } from './sample-batch.ts';

const batches = [sampleBatch('journey', '1', 'a', 'b'), sampleBatch('screening', '1', 'a')];

function appended(feed: string, id: string, appendedAt: number) {
  return { feed, id, bytes: Buffer.from(id), appendedAt };
}

const stored = [appended('journey', 'a', 100), appended('journey', 'b', 103), appended('journey', 'b', 200)];

it.each([
  { at: 99, absent: ['a', 'b'] },
  { at: 100, absent: ['b'] },
  { at: 102, absent: ['b'] },
  { at: 103, absent: [] },
])('finds $absent missing for a complete that arrives at $at', ({ at, absent }) => {
  const complete = { feed: 'journey', batchId: '1', at };
  expect(judgeByAppendTimes([complete], batches, stored)).toEqual([{ feed: 'journey', batchId: '1', absent }]);
});

it('takes no event of another feed for one that is missing', () => {
  const complete = { feed: 'screening', batchId: '1', at: 500 };
  expect(judgeByAppendTimes([complete], batches, stored)).toEqual([{ feed: 'screening', batchId: '1', absent: ['a'] }]);
});

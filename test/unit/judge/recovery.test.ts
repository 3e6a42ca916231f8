import { describe, expect, it } from 'vitest';
import {
  findSlow,
  handedOutDuring,
  inDoubt,
  judgeRecovery,
  type OutageEvidence,
} from '../../support/judge/recovery.ts';
import { sampleBatch } from './sample-batch.ts';

const outage = { began: 1_000, ended: 5_000 };

function fetchedAt(at: number, ...[feed, batchId]: Parameters<typeof sampleBatch>) {
  return { ...sampleBatch(feed, batchId, `${batchId}-a`), firstFetched: { at, order: at } };
}

function complete(feed: string, batchId: string, at: number) {
  return { feed, batchId, at };
}

const batches = [
  fetchedAt(500, 'journey', '1'),
  fetchedAt(900, 'journey', '2'),
  fetchedAt(5_300, 'journey', '3'),
  fetchedAt(5_600, 'journey', '4'),
  fetchedAt(800, 'screening', '1'),
  fetchedAt(1_001, 'screening', '2'),
  fetchedAt(6_000, 'screening', '3'),
];
const completes = [
  complete('journey', '1', 899),
  complete('journey', '2', 5_200),
  complete('journey', '3', 5_500),
  complete('journey', '4', 5_700),
  complete('screening', '1', 1_000),
  complete('screening', '2', 6_000),
  complete('screening', '3', 6_100),
];
const evidence: OutageEvidence = { batches, completes };

describe('recovery', () => {
  it('is measured for each feed from the end of the outage to its first complete', () => {
    const recoveries = judgeRecovery(outage, evidence);
    expect(recoveries).toEqual([
      { feed: 'journey', ms: 200 },
      { feed: 'screening', ms: 1_000 },
    ]);
    expect(findSlow(recoveries, 1_000)).toEqual([]);
  });

  it('is found slow where one feed lags behind the others', () => {
    const slow = completes.map((each) =>
      each.feed === 'screening' && each.at > 5_000 ? { ...each, at: 15_001 } : each,
    );
    const recoveries = judgeRecovery(outage, { batches, completes: slow });
    expect(findSlow(recoveries, 10_000)).toEqual([{ feed: 'screening', ms: 10_001 }]);
  });

  it('is found slow where a feed never flows again', () => {
    const recoveries = judgeRecovery(outage, { batches, completes: completes.filter(({ at }) => at < 6_000) });
    expect(findSlow(recoveries, 10_000)).toEqual([{ feed: 'screening', ms: Number.POSITIVE_INFINITY }]);
  });

  it('takes the repeated complete of a batch that was completed before for no sign of it', () => {
    const again = [...completes.filter(({ at }) => at < 5_000), complete('journey', '1', 5_001)];
    expect(findSlow(judgeRecovery(outage, { batches, completes: again }), 10_000)).toHaveLength(2);
  });

  it('is asked of no feed that had nothing left', () => {
    expect(judgeRecovery({ began: 1_000, ended: 5_600 }, evidence).map(({ feed }) => feed)).toEqual([
      'journey',
      'screening',
    ]);
    expect(judgeRecovery({ began: 1_000, ended: 5_701 }, evidence).map(({ feed }) => feed)).toEqual(['screening']);
  });
});

describe('the batches that an outage leaves in doubt', () => {
  it('are those that were open in it', () => {
    expect(inDoubt(outage, evidence)).toEqual(new Set(['journey/2', 'screening/1', 'screening/2']));
  });

  it('are also the first of each feed after it', () => {
    const short = { began: 5_210, ended: 5_250 };
    expect(inDoubt(short, evidence)).toEqual(new Set(['journey/3', 'screening/2']));
  });

  it('are not those that came and went before or afterwards', () => {
    const doubted = inDoubt(outage, evidence);
    for (const innocent of ['journey/1', 'journey/3', 'journey/4', 'screening/3']) {
      expect(doubted).not.toContain(innocent);
    }
  });
});

it('counts the batches that were handed out in an outage', () => {
  expect(handedOutDuring(outage, batches)).toEqual(new Map([['screening', 1]]));
  expect(handedOutDuring({ began: 400, ended: 5_600 }, batches)).toEqual(
    new Map([
      ['journey', 3],
      ['screening', 2],
    ]),
  );
});

import { describe, expect, it } from 'vitest';
import type { SentDelivery } from '../../../connectors/webhook/simulator/options.ts';
import { innocence, judgeSender } from '../../support/hooks/judge-sender.ts';

const moment = { at: 1, order: 1 };

function sent(number: number, more: Partial<SentDelivery> = {}): SentDelivery {
  const marks = [`evt-00000001-0000000${number}`];
  return { number, marks, lane: 'a', kind: 'genuine', attempts: [], safe: moment, ...more };
}

const event = (number: number): string => `{"id":"evt-00000001-0000000${number}"}`;

describe('the judge of senders', () => {
  it('finds nothing where all is well, repeats included', () => {
    const unanswered = sent(4, { safe: null });
    const forged = sent(5, { kind: 'forbidden', marks: ['forged-evt-00000001-00000005'], safe: null });
    const malformed = sent(6, { kind: 'malformed', marks: ['malformed-evt-00000001-00000006'] });
    const ledger = [sent(1), sent(2), sent(3), unanswered, forged, malformed];
    const letters = ['{"broken": "malformed-evt-00000001-00000006"'];
    expect(judgeSender(ledger, [1, 2, 1, 3, 4].map(event), letters)).toEqual(innocence);
    expect(judgeSender(ledger, [1, 2, 3].map(event), letters)).toEqual(innocence);
  });

  it('finds each planted fault', () => {
    const forged = { marks: ['forged-evt-00000001-00000005'], kind: 'forbidden', safe: null } as const;
    const forgedEvent = '{"id":"forged-evt-00000001-00000005"}';
    expect(judgeSender([sent(1), sent(2)], [event(1)], []).lost).toEqual(sent(2).marks);
    expect(judgeSender([sent(1)], [event(1), event(7)], []).alien).toEqual(sent(7).marks);
    expect(judgeSender([sent(1), sent(2)], [event(2), event(1)], []).reordered).toEqual(sent(2).marks);
    expect(judgeSender([sent(5, forged)], [forgedEvent], []).forbidden).toEqual(forged.marks);
    expect(judgeSender([sent(5, { ...forged, safe: moment })], [], []).letThrough).toEqual(forged.marks);
    expect(judgeSender([sent(1, { kind: 'malformed' })], [], []).notSetAside).toEqual(sent(1).marks);
    const list = sent(1, { marks: ['evt-00000001-00000001', 'evt-00000001-00000002'] });
    expect(judgeSender([list], [event(1)], []).lost).toEqual(sent(2).marks);
  });
});

import { expect, it } from 'vitest';
import { bridgeEventEnvelope, gapEvent } from '../../../src/core/bridge-event.ts';
import { encodeStructured } from '../../../src/core/envelope.ts';

it('a gap is told as the design shows it, with the same bytes whenever it is told', () => {
  const event = gapEvent('gini/documents', '/gini/acme', {
    from: new Date('2026-11-22T10:15:30.250Z'),
    to: new Date('2026-11-22T10:15:41.007Z'),
    reason: 'idle-timeout',
    reconciled: false,
  });
  const told = encodeStructured(bridgeEventEnvelope(event));
  expect(JSON.parse(told.toString())).toEqual({
    specversion: '1.0',
    id: '8fae21eddc3d0fa89e9f37ead70954fd',
    source: '/feedferry/gini/acme',
    type: 'dev.feedferry.gap',
    subject: '/gini/acme',
    time: '2026-11-22T10:15:30.250Z',
    datacontenttype: 'application/json',
    partitionkey: '/gini/acme',
    data: {
      from: '2026-11-22T10:15:30.250Z',
      to: '2026-11-22T10:15:41.007Z',
      reason: 'idle-timeout',
      reconciled: false,
    },
  });
  expect(encodeStructured(bridgeEventEnvelope({ ...event }))).toEqual(told);
});

import { describe, expect, test } from 'vitest';
import { BridgeError, type ErrorCode, errorCatalogue } from '../../../../src/core/errors.ts';
import { readRejection } from '../../../../src/sinks/kafka/kafkajs/rejection.ts';

function summary(code: ErrorCode, direct: boolean): string {
  const answer = readRejection(new BridgeError(code, 'no'), direct);
  return answer.status === 'written' ? 'written' : `${answer.status} ${answer.error.code}`;
}

describe('a rejected send', () => {
  test.each(['EVENT_TOO_LARGE', 'EVENT_REFUSED'] as const)('is refused with %s: only a send is answered so', (code) => {
    expect(summary(code, true)).toBe(`refused ${code}`);
    expect(summary(code, false)).toBe(`refused ${code}`);
  });

  test.each(['BROKER_NOT_AUTHORISED', 'DESTINATION_MISSING'] as const)(
    'is refused with %s when nothing else was asked meanwhile, else unknown and tried again',
    (code) => {
      expect(summary(code, true)).toBe(`refused ${code}`);
      expect(summary(code, false)).toBe('unknown BROKER_UNAVAILABLE');
    },
  );

  test.each(['BROKER_TIMEOUT', 'BROKER_UNREACHABLE', 'BROKER_UNAVAILABLE', 'STOPPING', 'BROKER_AUTH_REFUSED'] as const)(
    'is unknown with %s, whatever happened first',
    (code) => {
      expect(summary(code, true)).toBe(`unknown ${code}`);
      expect(summary(code, false)).toBe(`unknown ${code}`);
    },
  );

  test('is never written, whatever is said', () => {
    for (const code of Object.keys(errorCatalogue)) expect(summary(code as ErrorCode, true)).not.toBe('written');
  });
});

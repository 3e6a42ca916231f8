import { afterEach, expect, test, vi } from 'vitest';
import { giveUpInCi, giveUpOwnInCi } from '../../support/broker-suite.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const missing = new Error('no java');

test('without a broker a suite is skipped with the reason; in CI that is a failure', () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  vi.stubEnv('CI', '');
  expect(giveUpInCi(missing)).toEqual({ reason: 'no java' });
  vi.stubEnv('CI', 'true');
  expect(() => giveUpInCi(missing)).toThrow('no java');
});

test('a suite that needs a broker of its own says that the one given is no help', () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  vi.stubEnv('CI', '');
  vi.stubEnv('TEST_GIVEN', 'host:1');
  expect(giveUpOwnInCi('TEST_GIVEN')(missing)).toEqual({
    reason: 'the one at TEST_GIVEN is not ours to stop, and there is no other: no java',
  });
  vi.stubEnv('TEST_GIVEN', '');
  expect(giveUpOwnInCi('TEST_GIVEN')(missing)).toEqual({ reason: 'no java' });
});

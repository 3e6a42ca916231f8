import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compileVerification } from '../../../src/http/verify/compile.ts';
import { createReplayMemory } from '../../../src/http/verify/replay-memory.ts';
import { receivedRequest } from '../../support/webhook/received-request.ts';
import { verificationOf, wordFor } from './support.ts';

const start = 1_700_000_000_000;

function signed(ms: number, body: string, key = 'key', more: Record<string, string> = {}) {
  const t = String(Math.trunc(ms / 1_000));
  const v1 = createHmac('sha256', key).update(`${t}.${body}`).digest('hex');
  return receivedRequest({ headers: { 'stripe-signature': `t=${t},v1=${v1}`, ...more }, body });
}

/** A verifier whose clock the test turns. */
function verifier(settings: unknown) {
  const clock = { now: start };
  const { verify, settled } = compileVerification(verificationOf(settings), () => clock.now);
  return {
    clock,
    word: (request: ReturnType<typeof signed>) => wordFor(verify(request)),
    deliver(request: ReturnType<typeof signed>) {
      const verdict = verify(request);
      if (verdict.kind === 'verified') settled(verdict.request);
      return wordFor(verdict);
    },
  };
}

describe('a replay', () => {
  const settings = { preset: 'stripe', keys: ['key', 'other'] };

  it('is known once the first one was answered with success, and not before', () => {
    const { word, deliver } = verifier(settings);
    expect(word(signed(start, 'a'))).toBe('verified');
    expect(deliver(signed(start, 'a'))).toBe('verified');
    expect(word(signed(start, 'a'))).toBe('replayed');
  });

  it('is known by what was signed: other headers, another key and more signatures change nothing', () => {
    const { word, deliver } = verifier(settings);
    deliver(signed(start, 'a'));
    expect(word(signed(start, 'a', 'key', { 'x-retry': '1' }))).toBe('replayed');
    expect(word(signed(start, 'a', 'other'))).toBe('replayed');
    expect(word(signed(start, 'b'))).toBe('verified');
    expect(word(signed(start + 1_000, 'a'))).toBe('verified');
  });

  it('is known for as long as its timestamp passes, and refused afterwards', () => {
    const { clock, word, deliver } = verifier(settings);
    const request = signed(start + 300_000, 'from a clock that is ahead');
    expect(deliver(request)).toBe('verified');
    for (let minutes = 0; minutes <= 10; minutes += 1) {
      clock.now = start + minutes * 60_000;
      expect(word(request)).toBe('replayed');
      deliver(signed(clock.now, `another ${minutes}`));
    }
    clock.now = start + 601_000;
    expect(word(request)).toBe('401 SIGNATURE_EXPIRED');
  });

  it('of a wrong signature is a wrong signature', () => {
    const { word, deliver } = verifier(settings);
    deliver(signed(start, 'a'));
    expect(word(signed(start, 'a', 'stranger'))).toBe('401 SIGNATURE_WRONG');
  });

  it('is not known where nothing is dated: the sender may mean it', () => {
    const { deliver } = verifier({ preset: 'os1', keys: ['key'] });
    const headers = { 'x-os1-signature': createHmac('sha256', 'key').update('a').digest('hex') };
    expect(deliver(receivedRequest({ headers, body: 'a' }))).toBe('verified');
    expect(deliver(receivedRequest({ headers, body: 'a' }))).toBe('verified');
  });

  it('is known also where more than a signature is asked for', () => {
    const { deliver, word } = verifier([{ addresses: ['127.0.0.1'] }, settings]);
    expect(deliver(signed(start, 'a'))).toBe('verified');
    expect(word(signed(start, 'a'))).toBe('replayed');
    expect(word({ ...signed(start, 'a'), remoteAddress: '192.0.2.1' })).toBe('403 ADDRESS_REFUSED');
  });
});

describe('the memory for replays', () => {
  it('holds the latest ones, and at most twice as many', () => {
    const memory = createReplayMemory(1_000, () => 0, 100);
    for (let index = 0; index < 10_000; index += 1) memory.add(`n${index}`);
    const known = Array.from({ length: 10_000 }, (_, index) => memory.has(`n${index}`));
    expect(known.slice(-100)).not.toContain(false);
    expect(known.filter(Boolean).length).toBeLessThanOrEqual(200);
  });

  it('forgets what has had its time, also after a long silence', () => {
    let time = 0;
    const memory = createReplayMemory(1_000, () => time, 100);
    memory.add('early');
    time = 1_000;
    memory.add('later');
    expect(memory.has('early')).toBe(true);
    time = 5_000;
    memory.add('late');
    expect([memory.has('early'), memory.has('later'), memory.has('late')]).toEqual([false, false, true]);
  });

  it('keeps everything for its time when the clock is set back', () => {
    let time = 10_000;
    const memory = createReplayMemory(1_000, () => time, 100);
    memory.add('before');
    time = 0;
    memory.add('after');
    expect([memory.has('before'), memory.has('after')]).toEqual([true, true]);
  });
});

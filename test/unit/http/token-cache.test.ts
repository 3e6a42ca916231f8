import { expect, test } from 'vitest';
import { createTokenCache } from '../../../src/http/auth/token-cache.ts';
import { calm } from './support/clients.ts';

function harness(lifetimeMs: number | undefined, value = (count: number) => `token-${count}`) {
  const state = { now: 1_000, fetched: 0 };
  const cache = createTokenCache(
    async () => {
      state.fetched += 1;
      return { value: value(state.fetched), lifetimeMs };
    },
    () => state.now,
  );
  return { state, cache };
}

test('uses a token until 60 seconds before its end', async () => {
  const { state, cache } = harness(3_600_000);
  await cache.get(calm());
  state.now += 3_600_000 - 60_001;
  expect((await cache.get(calm())).value).toBe('token-1');
  state.now += 1;
  expect((await cache.get(calm())).value).toBe('token-2');
});

test('uses a short-lived token for half of its life, not for a single request', async () => {
  const { state, cache } = harness(30_000);
  await cache.get(calm());
  state.now += 14_999;
  expect((await cache.get(calm())).value).toBe('token-1');
  state.now += 1;
  expect((await cache.get(calm())).value).toBe('token-2');
});

test('uses a token without a lifetime for ever', async () => {
  const { state, cache } = harness(undefined);
  await cache.get(calm());
  state.now += 1e12;
  expect((await cache.get(calm())).value).toBe('token-1');
});

test('does not fetch again for a refusal that came after the renewal, also when the endpoint gives the same text', async () => {
  const { state, cache } = harness(undefined, () => 'always the same');
  const old = await cache.get(calm());
  const fresh = await cache.renew(old, calm());
  expect(await cache.renew(old, calm())).toBe(fresh);
  expect(state.fetched).toBe(2);
});

test('tries again after a failure, and survives one that nobody waits for any more', async () => {
  let fetched = 0;
  let fail: (reason: Error) => void = () => {};
  const cache = createTokenCache(
    () => {
      fetched += 1;
      if (fetched > 1) return Promise.resolve({ value: 'token', lifetimeMs: undefined });
      return new Promise((_resolve, reject) => {
        fail = reject;
      });
    },
    () => 0,
  );
  await expect(cache.get(AbortSignal.abort())).rejects.toMatchObject({ code: 'STOPPING' });
  fail(new Error('down'));
  await expect.poll(() => cache.get(calm()).catch(() => undefined)).toMatchObject({ value: 'token' });
  expect(fetched).toBe(2);
});

import { afterEach, expect, test, vi } from 'vitest';
import { createMskTokens, type SignMskToken } from '../../../src/sinks/kafka/msk-tokens.ts';

const never = new AbortController().signal;
const minute = 60_000;

afterEach(() => vi.unstubAllEnvs());

function signer(lifetimeMs: number, clock: { now: number }) {
  let signed = 0;
  const sign: SignMskToken = async () => ({ token: `token-${++signed}`, expiryTime: clock.now + lifetimeMs });
  return sign;
}

test('a token is the signed URL that MSK wants, for the region of the cluster', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary-key');
  vi.stubEnv('AWS_SESSION_TOKEN', '');
  const url = new URL(Buffer.from(await createMskTokens({ region: 'eu-west-3' }).get(never), 'base64url').toString());
  expect(url.host).toBe('kafka.eu-west-3.amazonaws.com');
  expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect');
  expect(url.searchParams.get('X-Amz-Credential')).toMatch(
    /^AKIDEXAMPLE\/\d{8}\/eu-west-3\/kafka-cluster\/aws4_request$/,
  );
  expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  expect(url.href).not.toContain('canary-key');
});

test('a token is shared until a minute before its end', async () => {
  const clock = { now: 0 };
  const tokens = createMskTokens({ region: 'eu-west-3' }, signer(15 * minute, clock), () => clock.now);
  expect(await Promise.all([tokens.get(never), tokens.get(never)])).toEqual(['token-1', 'token-1']);
  clock.now = 14 * minute - 1;
  expect(await tokens.get(never)).toBe('token-1');
  clock.now = 14 * minute;
  expect(await tokens.get(never)).toBe('token-2');
});

test('a token that ends soon is used for half of its life', async () => {
  const clock = { now: 0 };
  const tokens = createMskTokens({ region: 'eu-west-3' }, signer(minute, clock), () => clock.now);
  await tokens.get(never);
  clock.now = minute / 2 - 1;
  expect(await tokens.get(never)).toBe('token-1');
  clock.now = minute / 2;
  expect(await tokens.get(never)).toBe('token-2');
});

test('a token that was refused is not used again', async () => {
  const tokens = createMskTokens({ region: 'eu-west-3' }, signer(minute, { now: Date.now() }));
  await tokens.get(never);
  tokens.drop();
  expect(await tokens.get(never)).toBe('token-2');
});

test('without credentials there is no token, and the next attempt looks again', async () => {
  let there = false;
  const sign: SignMskToken = async () => {
    if (!there) throw new Error('Could not load credentials from any providers');
    return { token: 'token', expiryTime: Date.now() + minute };
  };
  const tokens = createMskTokens({ region: 'eu-west-3' }, sign);
  await expect(tokens.get(never)).rejects.toMatchObject({
    code: 'TOKEN_UNAVAILABLE',
    message: 'no access token for MSK: Could not load credentials from any providers',
    hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  });
  there = true;
  expect(await tokens.get(never)).toBe('token');
});

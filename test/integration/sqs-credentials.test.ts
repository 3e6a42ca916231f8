import { afterEach, describe, expect, test, vi } from 'vitest';
import { startFauxqs } from '../support/sqs/fauxqs.ts';
import { type Passing, refusal, standBefore } from '../support/sqs/interfering.ts';
import { createQueue, drainQueue } from '../support/sqs/protocol.ts';
import { event, never, openSink, publish, summary } from '../support/sqs/sink-calls.ts';

const secretKey = 'the-secret-of-the-key';
const sessionToken = 'the-token-of-the-session';

/** What the SDK finds in the environment, and nowhere else. */
function giveCredentials(accessKeyId: string | undefined) {
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', accessKeyId && secretKey);
  vi.stubEnv('AWS_SESSION_TOKEN', accessKeyId && sessionToken);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
  for (const name of [
    'AWS_PROFILE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  ]) {
    vi.stubEnv(name, undefined);
  }
}

afterEach(() => {
  vi.unstubAllEnvs();
});

const fromChain = { credentials: undefined };
const keyIn = ({ headers }: Passing) => /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1];

/** A queue whose server takes the keys that `good` names. */
async function openQueue(name: string) {
  const server = await startFauxqs();
  const url = await createQueue(server.endpoint, name);
  const good = new Set(['first']);
  const echo = (passing: Passing) => `the token was ${String(passing.headers['x-amz-security-token'])}`;
  const front = await standBefore(server.endpoint, (passing) =>
    good.has(keyIn(passing) ?? '') ? undefined : refusal(403, 'ExpiredTokenException', echo(passing)),
  );
  return {
    front,
    good,
    stored: () => drainQueue(server.endpoint, url),
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('credentials that expire in mid-run', () => {
  test('are asked for anew with each attempt, so that publishing goes on by itself', async () => {
    await using queue = await openQueue('renewed.fifo');
    giveCredentials('first');
    await using sink = await openSink(queue.front.endpoint, 'renewed.fifo', fromChain);
    expect(summary(await publish(sink, [event({ id: '1' })]))).toEqual(['confirmed']);
    queue.good.clear();
    const expired = await publish(sink, [event({ id: '2' })]);
    expect(expired).toMatchObject([{ error: { code: 'BROKER_CREDENTIALS_EXPIRED', disposition: 'retryable' } }]);
    queue.good.add('second');
    giveCredentials('second');
    expect(summary(await publish(sink, [event({ id: '2' })]))).toEqual(['confirmed']);
    expect((await queue.stored()).map(({ body }) => JSON.parse(body).id)).toEqual(['1', '2']);
  });

  test('stop the feed when they are fixed, for those never get better', async () => {
    await using queue = await openQueue('fixed');
    const credentials = { accessKeyId: 'other', secretAccessKey: secretKey, sessionToken };
    await using sink = await openSink(queue.front.endpoint, 'fixed', { credentials });
    expect(await publish(sink, [event()])).toMatchObject([
      { error: { code: 'BROKER_AUTH_REFUSED', disposition: 'fatal' } },
    ]);
  });

  test('that the chain has lost for a while are waited for', async () => {
    await using queue = await openQueue('lost');
    giveCredentials('first');
    await using sink = await openSink(queue.front.endpoint, 'lost', fromChain);
    expect(summary(await publish(sink, [event()]))).toEqual(['confirmed']);
    queue.good.clear();
    giveCredentials(undefined);
    expect(summary(await publish(sink, [event()]))).toEqual(['failed BROKER_CREDENTIALS_EXPIRED']);
    expect(summary(await publish(sink, [event()]))).toEqual(['failed BROKER_CREDENTIALS_EXPIRED']);
    queue.good.add('second');
    giveCredentials('second');
    expect(summary(await publish(sink, [event()]))).toEqual(['confirmed']);
  });
});

test('credentials that are not there stop the feed, and a later probe finds those that have come', async () => {
  await using queue = await openQueue('none');
  giveCredentials(undefined);
  await using sink = await openSink(queue.front.endpoint, 'none', fromChain);
  expect(summary(await publish(sink, [event()]))).toEqual(['failed BROKER_AUTH_REFUSED']);
  expect(queue.front.requests).toEqual([]);
  giveCredentials('first');
  expect(summary(await publish(sink, [event()]))).toEqual(['confirmed']);
});

test('no error and no finding tells a secret, though the server echoes it', async () => {
  await using queue = await openQueue('quiet');
  giveCredentials('wrong');
  const seen: unknown[] = [];
  for (const credentials of [undefined, { accessKeyId: 'wrong', secretAccessKey: secretKey, sessionToken }]) {
    await using sink = await openSink(queue.front.endpoint, 'quiet', { credentials });
    for (const delivery of await publish(sink, [event()])) {
      if (delivery.status !== 'confirmed') {
        const { message, hint, cause, stack } = delivery.error;
        seen.push(message, hint, cause, stack);
      }
    }
    seen.push(await sink.check(['test/feed'], never));
  }
  expect(queue.front.requests[0]?.headers['x-amz-security-token']).toBe(sessionToken);
  expect(JSON.stringify(seen)).toContain('ExpiredTokenException');
  expect(JSON.stringify(seen)).not.toMatch(new RegExp(`${sessionToken}|${secretKey}`));
});

describe('a clock that is off', () => {
  test.each(['InvalidSignatureException', 'RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'])(
    'is put right by the answer that refuses for it (%s), and stays so when credentials are renewed',
    async (name) => {
      await using server = await startFauxqs();
      const url = await createQueue(server.endpoint, 'skewed');
      const offMs = 30 * 60_000;
      const signedAt = ({ headers }: Passing) =>
        Date.parse(String(headers['x-amz-date']).replace(/(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:'));
      const isLate = (passing: Passing) => Date.now() + offMs - signedAt(passing) > 15 * 60_000;
      const date = () => ({ date: new Date(Date.now() + offMs).toUTCString() });
      await using front = await standBefore(server.endpoint, (passing) => {
        if (isLate(passing)) return refusal(403, name, 'in words', date());
        const renews = passing.operation === 'SendMessageBatch' && passing.earlier === 1;
        return renews ? refusal(403, 'ExpiredTokenException', 'in words', date()) : undefined;
      });
      giveCredentials('first');
      await using sink = await openSink(front.endpoint, url.replace(server.endpoint, front.endpoint), fromChain);
      const outcomes: string[][] = [];
      for (let attempt = 0; attempt < 3; attempt++) outcomes.push(summary(await publish(sink, [event()])));
      expect(outcomes).toEqual([['failed BROKER_UNAVAILABLE'], ['failed BROKER_CREDENTIALS_EXPIRED'], ['confirmed']]);
    },
  );

  test('excuses no signature that is wrong by itself', async () => {
    await using front = await standBefore('http://127.0.0.1:1', () =>
      refusal(403, 'InvalidSignatureException', 'in words', { date: new Date(Date.now() + 1_800_000).toUTCString() }),
    );
    await using sink = await openSink(front.endpoint, `${front.endpoint}/000000000000/skewed`);
    const outcomes: string[][] = [];
    for (let attempt = 0; attempt < 2; attempt++) outcomes.push(summary(await publish(sink, [event()])));
    expect(outcomes).toEqual([['failed BROKER_UNAVAILABLE'], ['failed BROKER_AUTH_REFUSED']]);
  });
});

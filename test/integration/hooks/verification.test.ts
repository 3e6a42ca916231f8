import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { HooksListen } from '../../../src/config/configuration.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { challengeSettings } from '../../../src/kit/challenge-settings.ts';
import { verificationSettings } from '../../../src/kit/verification-settings.ts';
import { type Fate, openListener } from '../../support/hooks/listener.ts';

let closing: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of closing) await each[Symbol.asyncDispose]();
  closing = [];
});

async function listenerWith(
  verify: unknown,
  {
    challenges = [] as unknown[],
    fate,
    settings = {},
  }: { challenges?: unknown[]; fate?: Fate; settings?: Partial<HooksListen> } = {},
) {
  const hooks = await openListener({
    arrival: { verification: verificationSettings.parse(verify), challenges: challengeSettings.parse(challenges) },
    settings,
    ...(fate && { fate }),
  });
  closing.push(hooks);
  return hooks;
}

const json = { 'content-type': 'application/json' };

function post(url: string, body: string, headers: Record<string, string>) {
  return fetch(url, { method: 'POST', body, headers: { ...json, ...headers } });
}

function slackHeaders(body: string, seconds = Math.trunc(Date.now() / 1_000)) {
  const signature = createHmac('sha256', 'key').update(`v0:${seconds}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(seconds), 'x-slack-signature': `v0=${signature}` };
}

describe('verification, over HTTP,', () => {
  it("lets GitHub's published request through, and refuses every length of its signature", async () => {
    const hooks = await listenerWith({ preset: 'github', keys: ["It's a Secret to Everybody"] });
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const send = (value: string) => post(hooks.url, 'Hello, World!', { 'x-hub-signature-256': value });
    expect((await send(signature)).status).toBe(202);
    for (const length of [1, 7, 8, 40, 70]) {
      expect((await send(signature.slice(0, length))).status).toBe(401);
    }
    expect((await send(signature.repeat(2))).status).toBe(401);
    expect((await post(hooks.url, 'Hello, World!', {})).status).toBe(401);
    expect(hooks.records).toHaveLength(1);
  });

  it('answers a replay with success and publishes it once', async () => {
    const hooks = await listenerWith({ preset: 'slack', keys: ['key'] });
    const headers = slackHeaders('{"a":1}');
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await post(hooks.url, '{"a":1}', headers)).status);
    expect(statuses).toEqual([202, 202, 202]);
    expect(hooks.records).toHaveLength(1);
  });

  it('takes a repeat for no replay when the first one was not answered with success', async () => {
    let calls = 0;
    const hooks = await listenerWith(
      { preset: 'slack', keys: ['key'] },
      {
        fate: () => {
          calls += 1;
          return calls > 1
            ? { status: 'safe' }
            : { status: 'unsafe', error: new BridgeError('BROKER_TIMEOUT', 'late') };
        },
      },
    );
    const headers = slackHeaders('{"a":1}');
    expect((await post(hooks.url, '{"a":1}', headers)).status).toBe(503);
    expect((await post(hooks.url, '{"a":1}', headers)).status).toBe(202);
    expect(hooks.records).toHaveLength(2);
  });

  it('refuses what is old, with nothing in the answer but that', async () => {
    const hooks = await listenerWith({ preset: 'slack', keys: ['key'] });
    const seconds = Math.trunc(Date.now() / 1_000) - 400;
    const answer = await post(hooks.url, '{}', slackHeaders('{}', seconds));
    expect([answer.status, await answer.text()]).toEqual([401, '{"accepted":false,"reason":"not authenticated"}']);
    expect(await hooks.recorder.seen('request.refused')).toMatchObject({ error: { code: 'SIGNATURE_EXPIRED' } });
  });

  it('goes by the address that a trusted proxy has added, whatever the sender wrote before it', async () => {
    const verify = [{ addresses: ['203.0.113.0/24'] }, { bearer: ['token'] }];
    const behind = await listenerWith(verify, { settings: { trustedProxies: ['127.0.0.1'] } });
    const send = async (url: string, forwarded: string) =>
      (await post(url, '{}', { authorization: 'Bearer token', 'x-forwarded-for': forwarded })).status;
    expect(await send(behind.url, '203.0.113.7')).toBe(202);
    expect(await send(behind.url, '198.51.100.1, 203.0.113.7')).toBe(202);
    expect(await send(behind.url, '203.0.113.7, 198.51.100.1')).toBe(403);
    expect(await send(behind.url, 'nonsense')).toBe(403);
    const open = await listenerWith(verify);
    expect(await send(open.url, '203.0.113.7')).toBe(403);
    expect([behind.records.length, open.records.length]).toEqual([2, 0]);
  });

  it('takes requests by either of two live keys, and by neither alone where one way of two fails', async () => {
    const hooks = await listenerWith([{ preset: 'github', keys: ['new', 'old'] }, { bearer: ['token'] }]);
    const send = async (key: string, authorization: string) => {
      const signature = `sha256=${createHmac('sha256', key).update('{}').digest('hex')}`;
      return (await post(hooks.url, '{}', { 'x-hub-signature-256': signature, authorization })).status;
    };
    const sent = [send('new', 'Bearer token'), send('old', 'Bearer token'), send('gone', 'Bearer token')];
    expect(await Promise.all([...sent, send('new', 'Bearer wrong')])).toEqual([202, 202, 401, 401]);
  });

  it('asks for user and password in the words of HTTP', async () => {
    const hooks = await listenerWith({ basic: { username: 'u', passwords: ['p'] } });
    const answer = await post(hooks.url, '{}', {});
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="feedferry", charset="UTF-8"',
    ]);
  });
});

describe('challenges, over HTTP,', () => {
  it('of Slack are answered when they are signed, and publish nothing', async () => {
    const hooks = await listenerWith({ preset: 'slack', keys: ['key'] }, { challenges: ['slack'] });
    const body = '{"token":"t","challenge":"3eZbrw1aBm","type":"url_verification"}';
    expect((await post(hooks.url, body, {})).status).toBe(401);
    const answer = await post(hooks.url, body, slackHeaders(body));
    expect([answer.status, await answer.json()]).toEqual([200, { challenge: '3eZbrw1aBm' }]);
    expect(hooks.records).toEqual([]);
  });

  it('of CloudEvents and an echo are answered before anything is verified', async () => {
    const challenges = [{ cloudevents: { origins: ['*.example.com'] } }, { echo: { parameter: 'challenge' } }];
    const hooks = await listenerWith({ bearer: ['token'] }, { challenges });
    const headers = { 'webhook-request-origin': 'a.example.com', 'webhook-request-rate': '120' };
    const granted = await fetch(hooks.url, { method: 'OPTIONS', headers });
    expect(['allowed-origin', 'allowed-rate'].map((name) => granted.headers.get(`webhook-${name}`))).toEqual([
      'a.example.com',
      '120',
    ]);
    const refused = await fetch(hooks.url, { method: 'OPTIONS', headers: { 'webhook-request-origin': 'evil.test' } });
    expect(refused.headers.get('webhook-allowed-origin')).toBeNull();
    const echoed = await fetch(`${hooks.url}?challenge=abc%20d`);
    expect([echoed.status, await echoed.text()]).toEqual([200, 'abc d']);
    expect((await fetch(hooks.url)).status).toBe(405);
    expect(hooks.records).toEqual([]);
  });
});

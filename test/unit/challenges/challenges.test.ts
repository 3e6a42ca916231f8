import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileChallenges } from '../../../src/http/challenges/compile.ts';
import { challengeSettings } from '../../../src/kit/challenge-settings.ts';
import { verifiedRequest } from '../../support/webhook/received-request.ts';

const compiled = (settings: unknown) => compileChallenges(challengeSettings.parse(settings));

function options(headers: Record<string, string>) {
  return { method: 'OPTIONS', target: '/hooks/a', headers };
}

describe('the handshake of CloudEvents', () => {
  const challenges = compiled([{ cloudevents: { origins: ['*.example.com', 'one.test'], ratePerMinute: 100 } }]);

  it.each([
    [undefined, '100'],
    ['60', '60'],
    ['120', '100'],
    ['0', '100'],
    ['-1', '100'],
    ['many', '100'],
    ['*', '100'],
  ])('grants an origin that is on the list, with a rate: %s asked, %s granted', (asked, granted) => {
    const headers = {
      'webhook-request-origin': 'Sender.example.com',
      ...(asked !== undefined && { 'webhook-request-rate': asked }),
    };
    expect(challenges.answer(options(headers))).toEqual({
      status: 200,
      headers: {
        allow: 'POST, OPTIONS',
        'webhook-allowed-origin': 'Sender.example.com',
        'webhook-allowed-rate': granted,
      },
      body: '',
    });
  });

  it('grants any rate where none is set', () => {
    const unlimited = compiled([{ cloudevents: { origins: ['*'] } }]);
    const rate = (asked?: string) =>
      unlimited.answer(options({ 'webhook-request-origin': 'a', ...(asked && { 'webhook-request-rate': asked }) }))
        ?.headers['webhook-allowed-rate'];
    expect([rate(), rate('120'), rate('0')]).toEqual(['*', '120', '*']);
  });

  it.each([
    'example.com',
    'evil.test',
    'a.example.com.evil.test',
    'a.example.com\r\nx: y',
    '',
    '*',
    'one.test, evil.test',
  ])('grants nothing to %j', (origin) => {
    const answer = challenges.answer(options({ 'webhook-request-origin': origin }));
    expect(answer).toEqual({ status: 403, headers: { allow: 'POST, OPTIONS' }, body: '' });
  });

  it('never calls back: the answer is all there is', () => {
    const headers = {
      'webhook-request-origin': 'a.example.com',
      'webhook-request-callback': 'https://internal.test/confirm',
    };
    expect(challenges.answer(options(headers))?.headers).not.toHaveProperty('webhook-request-callback');
  });

  it('is none without an origin, or with another method', () => {
    expect(challenges.answer(options({}))).toBeUndefined();
    const headers = { 'webhook-request-origin': 'one.test' };
    expect(challenges.answer({ method: 'POST', target: '/hooks/a', headers })).toBeUndefined();
  });
});

describe('an echo', () => {
  const get = (target: string) => ({ method: 'GET', target, headers: {} });

  it('is the value of the parameter, as text', () => {
    expect(compiled([{ echo: { parameter: 'challenge' } }]).answer(get('/a?x=y&challenge=a%20b%3Cscript%3E'))).toEqual({
      status: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
      body: 'a b<script>',
    });
  });

  it('wants the right token first, where there is one', () => {
    const token = { parameter: 'hub.verify_token', secrets: ['old', 'new'] };
    const { answer } = compiled([{ echo: { parameter: 'hub.challenge', token } }]);
    const status = (query: string) => answer(get(`/a?hub.mode=subscribe&hub.challenge=1${query}`))?.status;
    expect(['&hub.verify_token=new', '&hub.verify_token=old'].map(status)).toEqual([200, 200]);
    expect(['&hub.verify_token=other', '', '&hub.verify_token='].map(status)).toEqual([403, 403, 403]);
  });

  it('is refused when it is long, doubled, or no text', () => {
    const { answer } = compiled([{ echo: { parameter: 'c' } }]);
    const bad = [`c=${'x'.repeat(1_025)}`, 'c=a&c=b', 'c=%0d%0a', 'c=%00', 'c=%C3%BC'];
    expect(bad.map((query) => answer(get(`/a?${query}`))?.status)).toEqual(bad.map(() => 400));
  });

  it('is none without the parameter, or with another method', () => {
    const { answer } = compiled([{ echo: { parameter: 'c' } }]);
    expect(['/a', '/a?', '/a?c=', '/a?d=e'].map((target) => answer(get(target)))).toEqual(Array(4).fill(undefined));
    expect(answer({ method: 'POST', target: '/a?c=d', headers: {} })).toBeUndefined();
  });

  it('throws at nothing', () => {
    const { answer } = compiled([{ echo: { parameter: 'c', token: { parameter: 't', secrets: ['s'] } } }]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (query) => {
        expect([undefined, 400, 403]).toContain(answer(get(`/a?c=x&${query}`))?.status);
      }),
    );
  });
});

describe('url_verification of Slack', () => {
  const { answerVerified } = compiled(['slack']);
  const of = (body: string) => answerVerified(verifiedRequest({ body }));

  it('is answered with its challenge', () => {
    const answer = of('{"token":"t","challenge":"3eZbrw\\"1aBm","type":"url_verification"}');
    expect(answer).toMatchObject({ status: 200, body: '{"challenge":"3eZbrw\\"1aBm"}' });
  });

  it.each([
    '{"type":"event_callback","event":{"text":"url_verification"},"challenge":"x"}',
    '{"type":"url_verification"}',
    '{"type":"url_verification","challenge":1}',
    'url_verification',
    'null',
    '"url_verification"',
    '',
    `{"type":"url_verification","challenge":"x","more":"${'x'.repeat(9_000)}"}`,
  ])('is not %s', (body) => {
    expect(of(body)).toBeUndefined();
  });

  it('is none where it is not asked for', () => {
    const body = '{"challenge":"x","type":"url_verification"}';
    expect(compiled([]).answerVerified(verifiedRequest({ body }))).toBeUndefined();
  });
});

it.each([
  ['slak'],
  [{ cloudevents: { origins: [] } }],
  [{ cloudevents: {} }],
  [{ echo: {} }],
  [{ echo: { parameter: 'c' }, slack: true }],
])('refuses the setting %j', (setting) => {
  expect(challengeSettings.safeParse([setting]).success).toBe(false);
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BridgeError } from '../../../src/core/errors.ts';
import type { ResponseRule } from '../../../src/core/response-policy.ts';
import { compileResponses } from '../../../src/kit/response-policy.ts';
import { responseSettings } from '../../../src/kit/response-settings.ts';

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function response({ status = 200, headers = {}, body = '' }: Answer) {
  return { status, headers, body: Buffer.from(body), receivedAt: new Date(0) };
}

function judged(rules: unknown, answer: Answer): string {
  return compileResponses(responseSettings.parse(rules)).judge(response(answer)).treatment;
}

describe('how answers are judged', () => {
  it.each<[object, Answer, Answer]>([
    [{ status: 200 }, {}, { status: 201 }],
    [{ status: [200, '4xx'] }, { status: 418 }, { status: 500 }],
    [{ headers: { 'content-type': 'text/html*' } }, { headers: { 'content-type': 'text/html; charset=x' } }, {}],
    [{ has: '/error' }, { body: '{"error":{}}' }, { body: '{"error":null}' }],
    [{ json: { '/code': [7, 'x*'] } }, { body: '{"code":"xyz"}' }, { body: '{"code":70}' }],
    [{ json: { '/ok': false } }, { body: '{"ok":false}' }, { body: '{"ok":null}' }],
    [
      { json: { '/id': '12345678901234567890' } },
      { body: '{"id":12345678901234567890}' },
      { body: '{"id":12345678901234567000}' },
    ],
    [{ xml: { '//code': 1003 } }, { body: '<r><code> 1003 </code></r>' }, { body: '<r><code>10030</code></r>' }],
    [{ xml: { '/r/@x': '*' } }, { body: '<r x="1"/>' }, { body: '<r/>' }],
    [{ xml: { '//code': '*' } }, { body: '<r><code>1</code></r>' }, { body: '<!DOCTYPE r><r><code>1</code></r>' }],
    [{ contains: 'too many' }, { body: 'Sorry, too many requests' }, { body: 'Too many' }],
    [{ contains: 'x' }, { body: `${' '.repeat(65_535)}x` }, { body: `${' '.repeat(65_536)}x` }],
    [{ matches: '^\\s*<html' }, { body: ' <html>' }, { body: '{"a":"<html"}' }],
    [{ status: 200, contains: 'x' }, { body: 'x' }, { body: 'x', status: 201 }],
  ])('%j fits one and not the other', (when, fitting, other) => {
    const rules = [{ when, treat: 'empty' }];
    expect(judged(rules, fitting)).toBe('empty');
    expect(judged(rules, other)).not.toBe('empty');
  });

  it('is by the first rule that fits, and by the status where none does', () => {
    const rules = [
      { when: { contains: 'slow down' }, treat: 'rate-limited' },
      { when: { status: 200 }, treat: 'fatal' },
    ];
    expect(judged(rules, { body: 'slow down' })).toBe('rate-limited');
    expect(judged(rules, {})).toBe('fatal');
    const usual = [200, 204, 401, 403, 404, 408, 425, 429, 302, 500, 503].map((status) => judged([], { status }));
    expect(usual).toEqual('ok ok auth auth fatal retry retry rate-limited fatal retry retry'.split(' '));
  });

  it.each([
    ['retry', 'UPSTREAM_ERROR', 'retryable'],
    ['auth', 'AUTH_REFUSED', 'retryable'],
    ['rate-limited', 'UPSTREAM_RATE_LIMITED', 'retryable'],
    ['fatal', 'UPSTREAM_REFUSED', 'fatal'],
  ] as const)('%s is the error %s, whatever the status', (treat, code, disposition) => {
    const { read } = compileResponses([{ when: {}, treat }]);
    const answer = response({ headers: { 'retry-after': '30' } });
    const thrown = (() => {
      try {
        return read(answer, 'GET x');
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(BridgeError);
    const waits = treat === 'retry' || treat === 'rate-limited' ? 30_000 : undefined;
    expect(thrown).toMatchObject({ code, disposition, retryAfterMs: waits });
  });

  it('quotes a failure and a web page, and nothing of what was meant to be data', () => {
    const rule: ResponseRule = { when: { contains: 'x' }, treat: 'retry' };
    const messageOf = (answer: Answer, rules: readonly ResponseRule[] = [rule]): string => {
      try {
        return compileResponses(rules).read(response(answer), 'GET x');
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(messageOf({ body: '{"name":"hush x"}' })).not.toContain('hush');
    expect(messageOf({ status: 503, body: 'x down' })).toBe('GET x: answered 503: x down');
    expect(messageOf({ headers: { 'content-type': 'text/html' }, body: 'x <b>' })).toContain('x <b>');
    expect(messageOf({ body: 'x' }, [{ ...rule, says: 'it is tired' }])).toBe('GET x: answered 200: it is tired');
  });
});

describe('the settings', () => {
  it.each([
    [{ when: {}, treat: 'ok' }],
    [{ when: { status: 99 }, treat: 'ok' }],
    [{ when: { status: '5x' }, treat: 'ok' }],
    [{ when: { has: 'error' }, treat: 'ok' }],
    [{ when: { xml: { 'count(a)': 1 } }, treat: 'ok' }],
    [{ when: { matches: '(' }, treat: 'ok' }],
    [{ when: { headers: { 'Content-Type': 'x' } }, treat: 'ok' }],
    [{ when: { color: 1 }, treat: 'ok' }],
    [{ when: { status: 200 }, treat: 'wait' }],
  ])('refuse %j', (rule) => {
    expect(responseSettings.safeParse([rule]).success).toBe(false);
  });

  it('take the example of the documentation, and have a schema for editors', () => {
    expect(responseSettings.parse([{ when: { status: 200, has: '/error' }, treat: 'retry' }])).toEqual([
      { when: { status: ['200'], has: '/error' }, treat: 'retry' },
    ]);
    expect(() => z.toJSONSchema(responseSettings, { io: 'input', unrepresentable: 'any' })).not.toThrow();
  });
});

import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/core/http.ts';
import type { PollProtocol } from '../../src/core/poll-protocol.ts';
import { Secret } from '../../src/core/secret.ts';
import { authOf, pragueHour } from './auth.ts';
import { wapiProtocol } from './protocol.ts';

const account = { user: 'tester', password: new Secret('hush') };
const commands = { next: 'notify-poll-req', ack: 'notify-poll-ack', idField: 'id' };
const protocol = wapiProtocol({ account, commands, responses: [] });
const complete = protocol.complete as NonNullable<PollProtocol['complete']>;

function answer(body: string | Buffer, headers: Readonly<Record<string, string>> = {}, status = 200) {
  return { status, headers, body: Buffer.from(body), receivedAt: new Date(0) };
}

function authFor(hour: string): string {
  return hash('sha1', `tester${hash('sha1', 'hush')}${hour}`);
}

describe('the hour in Prague', () => {
  it.each([
    // Winter begins: 02 comes twice.
    ['2026-10-24T22:30:00Z', '00'],
    ['2026-10-25T00:59:59Z', '02'],
    ['2026-10-25T01:00:00Z', '02'],
    ['2026-10-25T01:59:59Z', '02'],
    ['2026-10-25T02:00:00Z', '03'],
    // Summer begins: 02 does not come.
    ['2026-03-29T00:59:59Z', '01'],
    ['2026-03-29T01:00:00Z', '03'],
    ['2026-03-28T23:00:00Z', '00'],
    ['2026-07-01T21:59:59Z', '23'],
    ['2026-07-01T22:00:00Z', '00'],
    ['2026-01-01T23:00:00Z', '00'],
  ])('is, at %s, %s', (at, hour) => {
    expect(pragueHour(new Date(at))).toBe(hour);
    expect(authOf(account, { now: new Date(at) })).toBe(authFor(hour));
  });

  it.each([
    ['turned while the request was on its way', '2026-11-22T10:00:00.100Z', '2026-11-22T09:59:59.900Z', '11'],
    ['turned at WAPI before it turns here', '2026-11-22T09:59:00Z', '2026-11-22T09:59:00Z', '11'],
    ['turned here before it turns at WAPI', '2026-11-22T10:00:30Z', '2026-11-22T10:00:30Z', '10'],
    ['turned at WAPI first, in the night of summer', '2026-03-29T00:59:30Z', '2026-03-29T00:59:30Z', '03'],
  ])('is the other one after a refusal when it has %s', (_what, now, refusedAt, hour) => {
    const moment = { now: new Date(now), refusedAt: new Date(refusedAt) };
    expect(authOf(account, moment)).toBe(authFor(hour));
  });

  it('is the same after a refusal in the midst of it', () => {
    const at = new Date('2026-11-22T10:30:00Z');
    expect(authOf(account, { now: at, refusedAt: at })).toBe(authFor('11'));
  });
});

const context = { now: new Date('2026-11-22T10:15:30Z'), position: undefined };

function xmlOf({ body }: HttpRequest): string {
  return new URLSearchParams(Buffer.from(body ?? []).toString()).get('request') ?? '';
}

describe('asking', () => {
  const auth = authFor('11');

  it('asks for the oldest notification, and marks it, in a form', () => {
    const next = protocol.next(context);
    expect(next).toMatchObject({
      method: 'POST',
      path: 'wapi/xml',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(xmlOf(next)).toBe(
      `<request><user>tester</user><auth>${auth}</auth><command>notify-poll-req</command></request>`,
    );
    expect(xmlOf(complete.request('0<7', context))).toBe(
      `<request><user>tester</user><auth>${auth}</auth><command>notify-poll-ack</command><data><id>0&lt;7</id></data></request>`,
    );
  });

  it('by the names of the settings', () => {
    const other = wapiProtocol({
      account,
      commands: { next: 'poll-req', ack: 'poll-ack', idField: 'ID' },
      responses: [],
    });
    expect(xmlOf(other.next(context))).toContain('<command>poll-req</command>');
    expect(xmlOf(other.complete?.request('7', context) ?? next())).toContain(
      '<command>poll-ack</command><data><ID>7</ID>',
    );
    function next(): HttpRequest {
      return other.next(context);
    }
  });
});

const code = (number: number): string => `<response><code>${number}</code><result>x</result></response>`;
const html = { 'content-type': 'text/html; charset=utf-8' };

describe('answers to the poll', () => {
  it('are empty by 1003 alone', () => {
    expect(protocol.readNext(answer(code(1003)))).toEqual({ kind: 'empty' });
  });

  it('have the ID by which the notification is marked, as it is written', () => {
    const inside = '<response><code>1000</code><notify><code>2211</code><ID>0007</ID></notify></response>';
    const around = '<response><code>1000</code><data><ID>0007</ID><notify><code>1003</code></notify></data></response>';
    for (const body of [inside, around]) {
      expect(protocol.readNext(answer(body))).toMatchObject({
        kind: 'batch',
        batch: { upstreamId: '0007', more: true },
      });
    }
  });

  it.each([
    ['a protection page', answer('<html><body>Checking your browser</body></html>', html), 'UPSTREAM_ERROR'],
    ['a protection page that says it is none', answer('<!DOCTYPE html><html>Please wait</html>'), 'UPSTREAM_ERROR'],
    ['a protection page with 403', answer('<html>Blocked</html>', html, 403), 'UPSTREAM_ERROR'],
    [
      'a rate limit as text',
      answer('Too many requests, slow down', { 'content-type': 'text/plain' }),
      'UPSTREAM_RATE_LIMITED',
    ],
    ['a rate limit by code', answer(code(2006)), 'UPSTREAM_RATE_LIMITED'],
    ['a rate limit by status', answer('', {}, 429), 'UPSTREAM_RATE_LIMITED'],
    ['a block', answer(code(2052)), 'UPSTREAM_RATE_LIMITED'],
    ['nothing', answer(''), 'UPSTREAM_ERROR'],
    ['JSON', answer('{"response":{"code":1003}}'), 'UPSTREAM_ERROR'],
    ['an error of its own', answer(code(4000)), 'UPSTREAM_ERROR'],
    ['a wrong password', answer(code(2050)), 'AUTH_REFUSED'],
    ['a wrong address', answer(code(2051)), 'AUTH_REFUSED'],
    ['POLL not enabled', answer(code(2150)), 'UPSTREAM_REFUSED'],
    ['an unknown command', answer(code(2010)), 'UPSTREAM_REFUSED'],
    ['1000 without a notification', answer(code(1000)), 'BATCH_MALFORMED'],
    [
      'a notification without ID',
      answer('<response><code>1000</code><notify><code>1000</code></notify></response>'),
      'BATCH_MALFORMED',
    ],
    [
      'two notifications',
      answer('<response><code>1000</code><notify><ID>1</ID></notify><notify><ID>2</ID></notify></response>'),
      'BATCH_MALFORMED',
    ],
    ['a truncated answer', answer('<response><code>1000</code><notify><ID>1</ID>'), 'BATCH_MALFORMED'],
    ['damage with two IDs', answer('<response><code>1000</code>&x;<ID>1</ID><ID>2</ID></response>'), 'BATCH_MALFORMED'],
    ['a server error', answer('<response><code>1003</code></response>', {}, 500), 'UPSTREAM_ERROR'],
  ])('take %s for %s', (_what, response, expected) => {
    expect(() => protocol.readNext(response)).toThrow(expect.objectContaining({ code: expected }));
  });

  it('that came whole and are damaged are a record, which is marked once it is a dead letter', () => {
    const body = Buffer.concat([
      Buffer.from('<response><code>1000</code><notify><result>'),
      Buffer.from([0xff]),
      Buffer.from('</result><ID>2691</ID></notify></response>\n'),
    ]);
    expect(protocol.readNext(answer(body))).toMatchObject({
      kind: 'batch',
      batch: { upstreamId: '2691', records: [{ bytes: body }] },
    });
  });

  it('are judged by the rules of the settings first', () => {
    const rules = [{ when: { xml: { '/response/code': ['4000'] } }, treat: 'empty' } as const];
    const own = wapiProtocol({ account, commands, responses: rules });
    expect(own.readNext(answer(code(4000)))).toEqual({ kind: 'empty' });
  });

  it('never show what was sent to prove who asks', () => {
    expect(() => protocol.readNext(answer(code(2050)))).toThrow('it does not accept user and password (code 2050)');
  });
});

describe('answers to marking', () => {
  it('are a yes by 1000 and 1002, and by 2151 that there is no such notification any more', () => {
    expect([1000, 1002, 2151].map((number) => complete.read(answer(code(number))))).toEqual([
      'completed',
      'completed',
      'refused',
    ]);
  });

  it.each([
    [answer('<html></html>', html), 'UPSTREAM_ERROR'],
    [answer('<response></response>'), 'UPSTREAM_ERROR'],
    [answer(''), 'UPSTREAM_ERROR'],
    [answer(code(2050)), 'AUTH_REFUSED'],
    [answer(code(2100)), 'UPSTREAM_REFUSED'],
  ])('leave open what is anything else', (response, expected) => {
    expect(() => complete.read(response)).toThrow(expect.objectContaining({ code: expected }));
  });
});

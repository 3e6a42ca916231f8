import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../src/core/http.ts';
import { Secret } from '../../src/core/secret.ts';
import { formField } from '../../src/kit/webhook-form.ts';
import { wapiJobs } from './requests.ts';

const id = '0123456789abcdef0123456789abcdef';
const endpoint = {
  baseUrl: 'https://api.example.com',
  auth: { kind: 'none' },
  headers: {},
  tls: {},
  timeouts: { connect: 1, headers: 1, body: 1 },
  maxResponseBytes: 1,
} as const;

function protocolOf(publishAnswer = false) {
  const account = { user: 'tester', password: new Secret('secret') };
  const { requests } = wapiJobs({ account, endpoint, polling: ['next', 'mark'], stalledAfter: 1_000, publishAnswer });
  if (requests === undefined) throw new Error('WAPI takes requests');
  return requests;
}

function command(xml: string): HttpRequest {
  return { method: 'POST', path: 'wapi/xml', headers: { 'content-type': 'text/xml' }, body: Buffer.from(xml) };
}

function xmlOf(request: HttpRequest | undefined): string {
  return Buffer.from(formField(request?.body ?? Buffer.alloc(0), 'request') ?? []).toString();
}

function answer(xml: string): HttpResponse {
  return { status: 200, headers: {}, body: Buffer.from(xml), receivedAt: new Date(0) };
}

const now = new Date('2026-07-01T12:30:00Z');

describe('a command to WAPI', () => {
  it('gets who asks and a clTRID; what the caller says of these is left out, and all else stays text', () => {
    const xml =
      '<request><user>x</user><auth>y</auth><clTRID/><command>domain-create</command><data><no>007</no><name>a &amp; &lt;b&gt;</name></data></request>';
    const sent = xmlOf(protocolOf().prepare(command(xml), { id, callback: undefined, now }));
    expect(sent).toMatch(
      /^<request><user>tester<\/user><auth>[0-9a-f]{40}<\/auth><command>domain-create<\/command><data><no>007<\/no><name>a &amp; &lt;b&gt;<\/name><\/data><clTRID>[0-9a-f]{32}<\/clTRID><\/request>$/,
    );
    expect(sent).toContain(`<clTRID>${id}</clTRID>`);
    expect(sent).not.toContain('secret');
  });

  it('is signed with the other hour after a refusal at the turn of the hour, and with the same one otherwise', () => {
    const { prepare, isUntimely } = protocolOf();
    const at = (time: string, refusedAt?: string) =>
      xmlOf(
        prepare(command('<request><command>ping</command></request>'), {
          id,
          callback: undefined,
          now: new Date(time),
          ...(refusedAt !== undefined && { refusedAt: new Date(refusedAt) }),
        }),
      );
    const [before, after] = [at('2026-07-01T12:59:59Z'), at('2026-07-01T13:00:30Z')];
    expect(before).not.toBe(after);
    expect(at('2026-07-01T12:59:59Z', '2026-07-01T12:59:59Z')).toBe(after);
    expect(at('2026-07-01T13:00:01Z', '2026-07-01T13:00:01Z')).toBe(before);
    expect(at('2026-07-01T12:30:00Z', '2026-07-01T12:30:00Z')).toBe(before);
    expect(isUntimely?.(answer('<response><code>2050</code></response>'))).toBe(true);
    expect(isUntimely?.(answer('<response><code>2051</code></response>'))).toBe(false);
  });

  it.each([
    ['GET', 'wapi/xml'],
    ['POST', 'wapi/json'],
    ['POST', 'wapi/xml?x=1'],
  ] as const)('is not %s %s', (method, path) => {
    const request = { ...command('<request><command>ping</command></request>'), method, path };
    expect(() => protocolOf().prepare(request, { id, callback: undefined, now })).toThrow(
      expect.objectContaining({ code: 'REQUEST_UNFIT' }),
    );
  });
});

describe('the queue of notifications', () => {
  it.each(['notify-poll-req', 'notify-poll-ack', 'poll-req', ' POLL-ACK ', 'next', 'mark'])(
    'is not touched by %j of an application',
    (name) => {
      const request = command(`<request><command>${name}</command><data><id>1</id></data></request>`);
      expect(() => protocolOf().prepare(request, { id, callback: undefined, now })).toThrow(
        expect.objectContaining({ code: 'REQUEST_UNFIT' }),
      );
    },
  );
});

describe('an answer of WAPI', () => {
  it.each([
    ['1001', 'accepted'],
    ['1000', 'settled'],
    ['1003', 'settled'],
    ['2010', 'failed'],
    ['4000', 'failed'],
  ])('%s means that the command is %s', (code, state) => {
    expect(protocolOf().judge?.(answer(`<response><code>${code}</code></response>`))).toBe(state);
  });

  it.each(['<html></html>', 'Too many requests', '<response></response>', ''])('%j says nothing of it', (body) => {
    const protocol = protocolOf(true);
    expect(protocol.judge?.(answer(body))).toBeUndefined();
    expect(protocol.upstreamId(answer(body))).toBeUndefined();
    expect(protocol.record?.(answer(body))).toBeUndefined();
  });

  it('is published, where that is wanted, when no notification follows', () => {
    const xml = '<response>\n<code>1000</code> <clTRID>c</clTRID></response>';
    expect(protocolOf().record?.(answer(xml))).toBeUndefined();
    const record = protocolOf(true).record?.(answer(xml));
    expect(Buffer.from(record?.bytes ?? []).toString()).toBe(
      '<response><code>1000</code><clTRID>c</clTRID></response>',
    );
    expect(protocolOf(true).record?.(answer('<response><code>1001</code></response>'))).toBeUndefined();
  });
});

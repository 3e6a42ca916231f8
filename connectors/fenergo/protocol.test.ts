import { describe, expect, it } from 'vitest';
import type { PolledBatch, PollProtocol } from '../../src/core/poll-protocol.ts';
import { answer, fixture, fixtureNames } from './fixtures/read.ts';
import { fenergoProtocol } from './protocol.ts';

const context = { now: new Date('2026-11-22T10:15:30.250Z'), position: undefined };
const protocol = fenergoProtocol('journey');
const complete = protocol.complete as NonNullable<PollProtocol['complete']>;
const discard = protocol.discard as NonNullable<PollProtocol['discard']>;

function batchIn(body: Uint8Array | string): PolledBatch {
  const next = protocol.readNext(answer(200, body));
  if (next.kind !== 'batch') throw new Error(next.kind);
  return next.batch;
}

function textsIn(body: Uint8Array | string): readonly string[] {
  return batchIn(body).records.map((record) => Buffer.from(record.bytes).toString());
}

describe('asking', () => {
  it('asks for next, complete and discardAll as documented', () => {
    const headers = { accept: 'application/json' };
    expect(protocol.next(context)).toEqual({ method: 'GET', path: 'eventnotifications/v2/journey/next', headers });
    expect(complete.request('1642925639481', context)).toEqual({
      method: 'POST',
      path: 'eventnotifications/v2/journey/1642925639481/complete',
      headers,
    });
    expect(discard.request(context)).toEqual({
      method: 'PUT',
      path: 'eventnotifications/v2/journey/discardAll',
      headers,
      timeoutMs: 120_000,
    });
  });

  it('encodes a batch id in the URL', () => {
    const { upstreamId = '' } = batchIn(fixture('batches/id-that-needs-encoding.body'));
    expect(upstreamId).toBe('a/b?c#d %ü');
    const { path } = complete.request(upstreamId, context);
    expect(path).toBe('eventnotifications/v2/journey/a%2Fb%3Fc%23d%20%25%C3%BC/complete');
  });
});

describe('reading next', () => {
  it('takes 204 for an empty feed', () => {
    expect(protocol.readNext(answer(204))).toEqual({ kind: 'empty' });
  });

  it('reads the batch of the documentation', () => {
    const batch = batchIn(fixture('batches/documented.body'));
    expect(batch).toMatchObject({ upstreamId: '1642925639481', more: true });
    expect(batch.records).toMatchObject([{ mediaType: 'application/json', headers: {} }]);
    expect(JSON.parse(Buffer.from(batch.records[0]?.bytes ?? '').toString())).toMatchObject({
      eventType: 'journey:taskcompleted',
    });
  });

  it.each([
    ['of-0', 0],
    ['of-1000', 1_000],
    ['with-duplicate-ids', 3],
    ['of-other-things', 5],
    ['one-of-three-not-utf8', 3],
    ['one-without-id', 3],
    ['repeated-notifications', 1],
    ['with-byte-order-mark', 1],
    ['unknown-fields', 1],
  ])('reads the batch %s with its %i records', (name, count) => {
    expect(batchIn(fixture(`batches/${name}.body`)).records).toHaveLength(count);
  });

  it('keeps the digits of an id that is a number', () => {
    expect(batchIn(fixture('batches/id-as-number.body')).upstreamId).toBe('1642925639481');
    expect(batchIn(fixture('batches/id-beyond-2-to-the-53.body')).upstreamId).toBe('9007199254740993');
  });

  it('keeps each record byte for byte, bad UTF-8 too', () => {
    const bad = Buffer.from(
      '7b226964223a226e2d31222c226576656e7454797065223a226a6f75726e65793a78222c227061796c6f6164223a22ff227d',
      'hex',
    );
    expect(batchIn(fixture('batches/one-of-three-not-utf8.body')).records[1]?.bytes).toEqual(bad);
    expect(textsIn('{"batchId":"7","notifications":[ {"b":1.0, "a":9007199254740993 } ,{"__proto__":1}]}')).toEqual([
      '{"b":1.0, "a":9007199254740993 }',
      '{"__proto__":1}',
    ]);
  });

  it('reads a batch of 10 MB', () => {
    const record = JSON.stringify({ id: '1', eventType: 'journey:x', payload: 'ü'.repeat(5 * 1024 ** 2) });
    const body = Buffer.from(`{"batchId":"7","notifications":[${record}],"moreAvailable":false}`);
    expect(batchIn(body).records[0]?.bytes.length).toBe(Buffer.byteLength(record));
  });

  it('takes only a true moreAvailable for more', () => {
    for (const more of ['false', '"true"', '1', 'null']) {
      expect(batchIn(`{"batchId":"7","notifications":[],"moreAvailable":${more}}`).more).toBe(false);
    }
    expect(batchIn('{"batchId":"7","notifications":[]}').more).toBe(false);
  });

  it.each(fixtureNames('broken'))('calls %s malformed, and says of which feed', (name) => {
    const read = (): unknown => protocol.readNext(answer(200, fixture(`broken/${name}.body`)));
    expect(read).toThrow(expect.objectContaining({ code: 'BATCH_MALFORMED' }));
    expect(read).toThrow(/journey\/next/);
  });

  it('quotes nothing of a malformed batch, but the beginning of a web page', () => {
    const messageOf = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): string => {
      try {
        protocol.readNext({ ...answer(200, body), headers });
      } catch (error) {
        return error instanceof Error ? error.message : '';
      }
      return '';
    };
    expect(messageOf('{"batchId":"7","notifications":[{"name":"Jane Doe"}')).not.toContain('Jane');
    const page = fixture('broken/web-page.body');
    expect(messageOf(page, { 'content-type': 'text/html; charset=utf-8' })).toContain('Sign in');
    expect(messageOf(page)).not.toContain('Sign in');
  });

  it.each([
    [404, 'UPSTREAM_NOT_FOUND'],
    [401, 'AUTH_REFUSED'],
    [429, 'UPSTREAM_RATE_LIMITED'],
    [503, 'UPSTREAM_ERROR'],
    [302, 'UPSTREAM_REFUSED'],
  ])('judges %i as %s', (status, code) => {
    expect(() => protocol.readNext(answer(status))).toThrow(expect.objectContaining({ code }));
  });
});

describe('reading complete', () => {
  it('takes 200 and 204 for completed, 404 for refused, the rest for a failure', () => {
    expect([200, 204, 404].map((status) => complete.read(answer(status)))).toEqual([
      'completed',
      'completed',
      'refused',
    ]);
    expect(() => complete.read(answer(500))).toThrow(expect.objectContaining({ code: 'UPSTREAM_ERROR' }));
  });
});

describe('finding the id of a batch that does not parse', () => {
  it.each([
    ['a truncated batch', fixture('broken/truncated.body'), '1642925639481'],
    ['bad JSON behind it', '{"batchId":"77","notifications":[{id:1}]}', '77'],
    ['an id that is a number', '{"batchId":77,"notifications":[oops', '77'],
    ['the id at the end', '{"notifications":[{"payload":{"batchId":"13"}} oops ],"batchId":"77"}', '77'],
    ['an id spelled with escapes', '{"batchId":"\\u0037","notifications":[oops', '7'],
    ['quotes inside a text', '{"notifications":["\\"batchId\\":\\"13\\"" oops],"batchId":"77"}', '77'],
  ])('finds it in %s', (_name, body, id) => {
    expect(complete.salvageId(Buffer.from(body))).toBe(id);
  });

  it.each([
    ['a number that may go on', '{"notifications":[],"batchId":164292'],
    ['a text that may go on', '{"notifications":[],"batchId":"164292'],
    ['two ids below the top', '{"notifications":[{"batchId":"1"},{"batchId":"2"} oops'],
    ['an id inside of a record', '{"notifications":[{"payload":{"batchId":"13"}}],"moreAvailable":false}'],
    ['no id', '<html>'],
    ['an id that cannot be addressed', '{"batchId":"..",oops'],
  ])('gives none for %s', (_name, body) => {
    expect(complete.salvageId(Buffer.from(body))).toBeUndefined();
  });
});

describe('discarding', () => {
  const sentAt = new Date('2022-01-23T08:13:56.840Z');
  const batchOf = (...whens: readonly string[]): PolledBatch =>
    batchIn(`{"batchId":"7","notifications":[${whens.map((when) => JSON.stringify({ when })).join()}]}`);

  it('takes only records from after it as proof', () => {
    expect(discard.isAfter(batchOf('2022-01-23T08:13:56.8414437+00:00', '2022-01-23T10:00:00+01:00'), sentAt)).toBe(
      true,
    );
    expect(discard.isAfter(batchOf('2022-01-23T08:13:57Z', '2022-01-23T08:13:56Z'), sentAt)).toBe(false);
    expect(discard.isAfter(batchOf('2022-01-23T09:00:00+01:00'), sentAt)).toBe(false);
    expect(discard.isAfter(batchOf('tomorrow'), sentAt)).toBe(false);
    expect(discard.isAfter(batchOf(), sentAt)).toBe(false);
    expect(discard.isAfter(batchIn(fixture('batches/of-other-things.body')), sentAt)).toBe(false);
  });

  it('throws when upstream did not accept it', () => {
    expect(discard.read(answer(200))).toBeUndefined();
    expect(() => discard.read(answer(504))).toThrow(expect.objectContaining({ code: 'UPSTREAM_ERROR' }));
  });
});

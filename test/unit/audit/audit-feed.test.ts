import { describe, expect, it } from 'vitest';
import { type AuditContext, type AuditedBroker, auditFeed } from '../../../src/audit/audit-feed.ts';
import { brokerOf } from '../../../src/audit/broker-of.ts';
import { isSound } from '../../../src/audit/findings.ts';
import type { BatchReceipt, PageQuery } from '../../../src/core/archive.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { ExpectedEvent, Sighting } from '../../../src/core/sink-reader.ts';

const feed = 'fenergo/journey';
const source = '/fenergo/journey';
const publishedAt = new Date(1_000);

function batch(index: number, events: number, to?: string): BatchReceipt {
  return {
    feed,
    batchId: `batch-${index}`,
    fetchedAt: publishedAt,
    publishedAt,
    completedAt: publishedAt,
    events: Array.from({ length: events }, (_, at) => ({
      id: `${index}-${at}`,
      source,
      destination: 't',
      ...(to !== undefined && { to }),
      receipt: { topic: 't', offset: index * events + at },
    })),
  };
}

/** Gives a page at a time, and writes down what was asked for. */
function pages<Item>(all: readonly Item[]) {
  return async ({ after = 0, limit }: PageQuery) => {
    const items = all.slice(after, after + limit);
    return { items, next: after + limit < all.length ? after + limit : undefined };
  };
}

interface Broker extends AuditedBroker {
  readonly asked: (readonly ExpectedEvent[])[];
}

function brokerWith(judge: (event: ExpectedEvent) => Sighting, failures: readonly BridgeError[] = []): Broker {
  const asked: (readonly ExpectedEvent[])[] = [];
  const left = [...failures];
  return {
    type: 'log',
    asked,
    reader: {
      async lookUp(expected) {
        const failure = left.shift();
        if (failure) throw failure;
        asked.push(expected);
        return expected.map(judge);
      },
      [Symbol.asyncDispose]: async () => {},
    },
  };
}

const allFound = () => brokerWith(() => ({ status: 'found' }));
const queue: AuditedBroker = { type: 'rabbitmq', reader: undefined };

function contextOf(batches: readonly BatchReceipt[], brokers: Readonly<Record<string, AuditedBroker>>): AuditContext {
  const names = Object.keys(brokers);
  return {
    feed,
    from: new Date(0),
    to: new Date(10_000),
    operations: {
      receipts: pages(batches),
      unreceipted: async () => ({ batches: batches.length, expired: 0, items: [] }),
    },
    destinations: names.map((brokerName) => ({ name: names.length === 1 ? undefined : brokerName, brokerName })),
    brokers: new Map(Object.entries(brokers)),
    backoff: { baseMs: 1, capMs: 1, jitter: 'upwards' },
    mostProblems: 3,
    onProgress: () => {},
    signal: new AbortController().signal,
  };
}

describe('an audit', () => {
  it('looks up every receipt once, in the order of publication, in pieces of bounded size', async () => {
    const batches = Array.from({ length: 130 }, (_, index) => batch(index, 40));
    const broker = allFound();
    const audit = await auditFeed(contextOf(batches, { out: broker }));
    const events = batches.flatMap((each) => each.events.map(({ id, receipt }) => ({ source, id, receipt })));
    expect(broker.asked.flat()).toEqual(events);
    expect(Math.max(...broker.asked.map(({ length }) => length))).toBeLessThanOrEqual(2_000);
    expect(audit).toMatchObject({
      batches: 130,
      brokers: [{ broker: 'out', receipts: 5_200, verdicts: { found: 5_200 } }],
    });
    expect(isSound(audit)).toBe(true);
  });

  it('names what is missing, different or unclear, counts all of it and keeps some', async () => {
    const sightings: Readonly<Record<string, Sighting>> = {
      '0-1': { status: 'missing', detail: 'nothing' },
      '1-0': { status: 'different', detail: 'another' },
      '2-0': { status: 'unclear', detail: 'hidden' },
      '2-1': { status: 'missing', detail: 'nothing' },
    };
    const broker = brokerWith(({ id }) => sightings[id] ?? { status: 'found' });
    const audit = await auditFeed(contextOf([batch(0, 2), batch(1, 2), batch(2, 2)], { out: broker }));
    expect(audit.brokers[0]?.verdicts).toMatchObject({ found: 2, missing: 2, different: 1, unclear: 1 });
    expect(audit.problems).toMatchObject([
      { kind: 'missing', batchId: 'batch-0', id: '0-1', broker: 'out', receipt: { offset: 1 }, detail: 'nothing' },
      { kind: 'different', id: '1-0' },
      { kind: 'unclear', id: '2-0' },
    ]);
    expect(isSound(audit)).toBe(false);
  });

  it('does not call lost what the broker no longer keeps', async () => {
    const audit = await auditFeed(contextOf([batch(0, 2)], { out: brokerWith(() => ({ status: 'expired' })) }));
    expect(audit).toMatchObject({ brokers: [{ verdicts: { expired: 2 } }], problems: [] });
    expect(isSound(audit)).toBe(true);
  });

  it('says what it could not read, and never that it is there', async () => {
    const audit = await auditFeed(contextOf([batch(0, 2)], { queue }));
    expect(audit.brokers).toMatchObject([{ broker: 'queue', type: 'rabbitmq', verdicts: { found: 0, unread: 2 } }]);
    expect(isSound(audit)).toBe(true);
  });

  it('asks each broker for its own events', async () => {
    const [one, two] = [allFound(), allFound()];
    const batches = [batch(0, 1, 'one'), batch(1, 1, 'two (to[1])'), batch(2, 1, 'queue'), batch(3, 1)];
    const audit = await auditFeed(contextOf(batches, { one, two, queue }));
    expect(one.asked.flat().map(({ id }) => id)).toEqual(['0-0']);
    expect(two.asked.flat().map(({ id }) => id)).toEqual(['1-0']);
    expect(audit.problems).toMatchObject([
      { kind: 'unclear', id: '3-0', detail: expect.stringContaining('does not say') },
    ]);
  });

  it('finds batches that the receipts do not tell all of', async () => {
    const context = contextOf([], { queue });
    const lacking = { batchId: 'b', publishedAt, events: 10, receipts: 7, whereabouts: 'q' };
    const unreceipted = async ({ after }: PageQuery) =>
      after === undefined
        ? { batches: 500, expired: 2, items: [], next: 7 }
        : { batches: 3, expired: 0, items: [lacking], next: undefined };
    const audit = await auditFeed({ ...context, operations: { ...context.operations, unreceipted } });
    expect(audit.ledger).toEqual({ batches: 503, withoutReceipt: 1, expired: 2 });
    expect(audit.problems).toMatchObject([{ kind: 'without-receipt', batchId: 'b' }]);
    expect(isSound(audit)).toBe(false);
  });

  it('asks again where a broker is away for a moment, and gives up where it refuses', async () => {
    const away = new BridgeError('BROKER_UNAVAILABLE', 'a leader moves');
    const broker = brokerWith(() => ({ status: 'found' }), [away, away]);
    expect(isSound(await auditFeed(contextOf([batch(0, 1)], { out: broker })))).toBe(true);
    const refusing = brokerWith(() => ({ status: 'found' }), [new BridgeError('BROKER_NOT_AUTHORISED', 'no')]);
    const audit = auditFeed(contextOf([batch(0, 1)], { out: refusing }));
    await expect(audit).rejects.toMatchObject({ code: 'BROKER_NOT_AUTHORISED' });
    const gone = brokerWith(() => ({ status: 'found' }), new Array(9).fill(away));
    await expect(auditFeed(contextOf([batch(0, 1)], { out: gone }))).rejects.toBe(away);
  });

  it('stops when it is told to, between two pages', async () => {
    const stop = new AbortController();
    const batches = Array.from({ length: 200 }, (_, index) => batch(index, 40));
    const broker = allFound();
    const context = contextOf(batches, { out: broker });
    const audit = auditFeed({ ...context, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(audit).rejects.toMatchObject({ code: 'STOPPING' });
    expect(broker.asked).toHaveLength(1);
  });
});

describe('the broker of a receipt', () => {
  const one = [{ name: undefined, brokerName: 'kafka' }];
  const several = [
    { name: 'kafka (to[0])', brokerName: 'kafka' },
    { name: 'kafka (to[1])', brokerName: 'kafka' },
    { name: 'log', brokerName: 'log' },
  ];

  it.each([
    [one, undefined, 'kafka'],
    [one, 'kafka', 'kafka'],
    [one, 'kafka (to[1])', 'kafka'],
    [one, 'log', undefined],
    [several, 'log', 'log'],
    [several, 'kafka (to[0])', 'kafka'],
    [several, 'kafka (to[7])', 'kafka'],
    [several, undefined, undefined],
    [several.slice(0, 2), undefined, 'kafka'],
  ] as const)('is known where the configuration says so: %#', (to, named, broker) => {
    expect(brokerOf(to, { to: named })).toBe(broker);
  });
});

import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { BatchReceipt } from '../../../src/core/archive.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { LedgerEntry } from '../../../src/core/state.ts';
import { openAdminListener } from '../../../src/http/admin.ts';
import type { Operations } from '../../../src/operations/operations.ts';
import { remoteOperations } from '../../../src/operations/remote.ts';
import { deadLetter, recordedOperations } from './support.ts';

const feed = 'fenergo/journey';
const signal = new AbortController().signal;
let open = new AsyncDisposableStack();
afterEach(async () => {
  await open.disposeAsync();
  open = new AsyncDisposableStack();
});

async function connect(answers: Partial<Operations> = {}, tokens: { server?: string; client?: string } = {}) {
  const { operations, calls } = recordedOperations(answers);
  const toSecret = (text: string | undefined) => (text === undefined ? undefined : new Secret(text));
  const listener = open.use(
    await openAdminListener({ address: { host: '127.0.0.1', port: 0 }, token: toSecret(tokens.server), operations }),
  );
  const [host = '', port] = listener.address.split(':');
  const address = { host, port: Number(port) };
  return { remote: remoteOperations({ address, token: toSecret(tokens.client), signal }), calls };
}

describe('operations over the admin listener', () => {
  it('calls each method with the arguments given, and brings its answer back', async () => {
    const { remote, calls } = await connect();
    expect(await remote.feedState(feed)).toBe('running');
    await remote.pause(feed, 'because');
    await remote.resume(feed, 'because');
    expect(await remote.peek(feed)).toBeUndefined();
    expect(await remote.setAside(feed, { reason: 'r', batchId: 'b/1 ü' })).toEqual({ batchId: '1', deadLetterId: 'a' });
    expect(await remote.discard(feed, { reason: 'r' })).toEqual({ attempts: 1, proof: 'empty' });
    await remote.setCursor(feed, 'pos ü/1', 'r');
    expect(await remote.register(feed, 'r')).toEqual({ change: 'created', id: 'w-1' });
    expect(await remote.unregister(feed, 'r')).toEqual({ change: 'withdrawn', id: '' });
    expect(calls).toEqual([
      ['feedState', feed],
      ['pause', feed, 'because'],
      ['resume', feed, 'because'],
      ['peek', feed],
      ['setAside', feed, { reason: 'r', batchId: 'b/1 ü' }],
      ['discard', feed, { reason: 'r' }],
      ['setCursor', feed, 'pos ü/1', 'r'],
      ['register', feed, 'r'],
      ['unregister', feed, 'r'],
    ]);
  });

  it('keeps bytes, dates and nulls', async () => {
    const entry: LedgerEntry = {
      feed,
      batchId: '1',
      digest: 'd',
      events: 10,
      whereabouts: 't @ 1',
      publishedAt: new Date(1_234),
      completedAt: null,
    };
    const receipt: BatchReceipt = {
      feed,
      batchId: 'b',
      fetchedAt: new Date(1),
      publishedAt: new Date(2),
      completedAt: null,
      events: [{ id: 'e', correlationId: 'c', destination: 't', receipt: { topic: 't', partition: 0, offset: '7' } }],
    };
    const body = Buffer.from([0, 255, 10]);
    const { remote, calls } = await connect({
      trace: async () => [receipt],
      ledger: async () => [entry],
      cursors: async () => [{ feed, position: '7', setAt: new Date(5) }],
      peek: async () => ({ batchId: undefined, body }),
    });
    expect(await remote.deadLetters({ feed, code: 'RECORD_WITHOUT_ID', limit: 5 })).toEqual([deadLetter]);
    expect(await remote.deadLetter('12bed3')).toEqual(deadLetter);
    expect(await remote.ledger({ limit: 3 })).toEqual([entry]);
    expect(await remote.trace('id ü/1', 4)).toEqual([receipt]);
    expect(await remote.cursors()).toEqual([{ feed, position: '7', setAt: new Date(5) }]);
    expect(await remote.spool()).toEqual(await recordedOperations().operations.spool());
    expect(await remote.peek(feed)).toEqual({ batchId: undefined, body });
    expect(calls.slice(0, 4)).toEqual([
      ['deadLetters', { feed, code: 'RECORD_WITHOUT_ID', limit: 5 }],
      ['deadLetter', '12bed3'],
      ['ledger', { limit: 3 }],
      ['trace', 'id ü/1', 4],
    ]);
  });

  it('brings what an audit asks for, and takes down a replay', async () => {
    const receipt: BatchReceipt = {
      feed,
      batchId: '',
      fetchedAt: new Date(1),
      publishedAt: new Date(2),
      completedAt: new Date(3),
      events: [{ id: 'e', destination: 't', to: 'kafka (to[1])', receipt: { offset: 7 } }],
    };
    const lacking = { batchId: 'b', publishedAt: new Date(5), events: 3, receipts: 1, whereabouts: 'q' };
    const page = { batches: 9, expired: 1, items: [lacking], next: 12 };
    const { remote, calls } = await connect({
      receipts: async () => ({ items: [receipt], next: 4 }),
      unreceipted: async () => page,
    });
    const query = { feed, from: new Date(1), to: new Date(9), limit: 1_000 } as const;
    expect(await remote.receipts({ ...query, after: 3 })).toEqual({ items: [receipt], next: 4 });
    expect(await remote.unreceipted(query)).toEqual(page);
    const replay = { reason: 'r', detail: { outcome: 'done', events: 3, destination: null } } as const;
    await remote.recordReplay(feed, replay);
    expect(calls).toEqual([
      ['receipts', { ...query, after: 3 }],
      ['unreceipted', query],
      ['recordReplay', feed, replay],
    ]);
  });

  it('brings dead letters to an end', async () => {
    const counts = [{ feed, code: 'RECORD_WITHOUT_ID', count: 3, oldestAt: new Date(5) }] as const;
    const redriven = {
      id: 'abcdef',
      outcome: 'refused',
      events: 1,
      about: 'too large',
      code: 'EVENT_TOO_LARGE',
    } as const;
    const { remote, calls } = await connect({
      redrive: async () => redriven,
      deadLetterCounts: async () => counts,
    });
    const options = { outOfOrder: true, dryRun: false };
    expect(await remote.redrive('ab c/ü', options)).toEqual(redriven);
    expect(await remote.discardDeadLetters(['a', 'b'], { reason: 'r' })).toBe(2);
    expect(await remote.deadLetterCounts()).toEqual(counts);
    const filter = {
      status: ['open', 'parked'],
      stage: 'publish',
      since: new Date(1),
      until: new Date(2),
      after: 'x',
      limit: 5,
    } as const;
    await remote.deadLetters(filter);
    expect(calls).toEqual([
      ['redrive', 'ab c/ü', options],
      ['discardDeadLetters', ['a', 'b'], { reason: 'r' }],
      ['deadLetterCounts'],
      ['deadLetters', filter],
    ]);
  });

  it.each([
    'FEED_UNKNOWN',
    'NOT_FOUND',
    'DISCARD_UNVERIFIED',
    'UPSTREAM_TIMEOUT',
    'STATE_UNWRITABLE',
    'INTERNAL',
  ] as const)('brings back %s as the error that it is, with its hint', async (code) => {
    const discard = async () => Promise.reject(new BridgeError(code, 'what happened', { hint: 'what to do' }));
    const { remote } = await connect({ discard });
    await expect(remote.discard(feed, { reason: 'r' })).rejects.toMatchObject({
      code,
      message: 'what happened',
      hint: 'what to do',
    });
  });

  it('refuses what it does not understand as USAGE, before anything is done', async () => {
    const { remote, calls } = await connect();
    await expect(remote.pause(feed, '   ')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(remote.ledger({ limit: 0 })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(remote.deadLetters({ code: '__proto__' as never, limit: 1 })).rejects.toMatchObject({ code: 'USAGE' });
    expect(calls).toEqual([]);
  });

  it('shows the token, and is refused with a wrong one', async () => {
    const good = await connect({}, { server: 's3cret', client: 's3cret' });
    expect(await good.remote.feedState(feed)).toBe('running');
    const bad = await connect({}, { server: 's3cret', client: 'other' });
    await expect(bad.remote.feedState(feed)).rejects.toMatchObject({ code: 'ADMIN_REFUSED' });
  });

  it('says that nobody answers', async () => {
    const remote = remoteOperations({ address: { host: '127.0.0.1', port: 1 }, signal });
    await expect(remote.cursors()).rejects.toMatchObject({ code: 'ADMIN_UNREACHABLE' });
  });

  it('says that somebody else answers', async () => {
    const stranger = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'));
    const { promise, resolve } = Promise.withResolvers<void>();
    stranger.listen(0, '127.0.0.1', resolve);
    await promise;
    open.defer(() => {
      stranger.close();
    });
    const { port } = stranger.address() as { port: number };
    const remote = remoteOperations({ address: { host: '127.0.0.1', port }, signal });
    await expect(remote.cursors()).rejects.toMatchObject({ code: 'ADMIN_UNREACHABLE' });
  });

  it('stops waiting when told to', async () => {
    const stop = new AbortController();
    const { operations } = recordedOperations({
      peek: () => {
        stop.abort();
        return new Promise(() => {});
      },
    });
    const listener = open.use(await openAdminListener({ address: { host: '127.0.0.1', port: 0 }, operations }));
    const port = Number(listener.address.split(':')[1]);
    const remote = remoteOperations({ address: { host: '127.0.0.1', port }, signal: stop.signal });
    await expect(remote.peek(feed)).rejects.toMatchObject({ code: 'STOPPING' });
  });
});

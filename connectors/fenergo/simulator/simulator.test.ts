import { afterEach, describe, expect, it } from 'vitest';
import { feedNames } from '../feeds.ts';
import { batchBody } from './batch-body.ts';
import type { SimulatorOptions } from './options.ts';
import { remoteSimulator } from './remote.ts';
import { type Simulator, startFenergoSimulator } from './simulator.ts';

let simulator: Simulator | undefined;

afterEach(async () => {
  await simulator?.[Symbol.asyncDispose]();
  simulator = undefined;
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await startFenergoSimulator(options);
  return simulator;
}

function call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${simulator?.baseUrl}/eventnotifications/v2/${path}`, { ...init, method });
}

interface Notification {
  readonly id: string;
  readonly when: string;
  readonly payload: { readonly Sequence: number };
}

interface Batch {
  readonly batchId: string;
  readonly notifications: readonly Notification[];
  readonly moreAvailable: boolean;
}

async function next(feed = 'journey'): Promise<Batch> {
  const response = await call('GET', `${feed}/next`);
  expect(response.status).toBe(200);
  return (await response.json()) as Batch;
}

async function complete(batchId: string, feed = 'journey'): Promise<number> {
  return (await call('POST', `${feed}/${batchId}/complete`)).status;
}

describe('the documented API', () => {
  it('gives the same batch, unchanged, until it is completed, and then the next', async () => {
    await start({ fill: [{ feed: 'journey', events: 25 }] });
    const first = await (await call('GET', 'journey/next')).text();
    expect(await (await call('GET', 'journey/next')).text()).toBe(first);
    const { batchId } = JSON.parse(first) as Batch;
    expect(await complete(batchId)).toBe(200);
    const second = await next();
    expect(second.batchId).not.toBe(batchId);
    expect(second.notifications[0]?.payload.Sequence).toBe(11);
  });

  it('gives the events of each feed in order, ten at a time, and says when more is available', async () => {
    await start({ fill: feedNames.map((feed) => ({ feed, events: 25 })) });
    for (const feed of feedNames) {
      const batches: Batch[] = [];
      while (batches.at(-1)?.moreAvailable !== false) {
        const batch = await next(feed);
        batches.push(batch);
        expect(await complete(batch.batchId, feed)).toBe(200);
      }
      expect(batches.map(({ notifications }) => notifications.length)).toEqual([10, 10, 5]);
      const sequences = batches.flatMap(({ notifications }) => notifications.map(({ payload }) => payload.Sequence));
      expect(sequences).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
      expect((await call('GET', `${feed}/next`)).status).toBe(204);
    }
  });

  it.each([
    ['GET', 'Journey/next'],
    ['GET', 'tickets/next'],
    ['POST', 'journey/1/complete'],
    ['POST', 'Journey/1642925639481/complete'],
    ['GET', 'journey/1642925639481/complete'],
    ['PUT', 'Journey/discardAll'],
  ])('answers %s %s with a problem of status 404', async (method, path) => {
    await start({ fill: [{ feed: 'journey', events: 1 }] });
    await next();
    const response = await call(method, path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = { type: expect.any(String), title: 'Not Found', status: 404, traceId: expect.any(String) };
    expect(await response.json()).toEqual(problem);
  });

  it('refuses to complete a batch twice', async () => {
    const { ledger } = await start({ fill: [{ feed: 'journey', events: 1 }] });
    const { batchId } = await next();
    expect(await complete(batchId)).toBe(200);
    expect(await complete(batchId)).toBe(404);
    expect(ledger()).toMatchObject([{ batchId, completeCalls: 2, completedBy: 'client' }]);
  });

  it('drops what waits on discardAll, and gives what comes after it', async () => {
    const { fill, ledger } = await start({ fill: [{ feed: 'journey', events: 25 }] });
    await next();
    expect((await call('PUT', 'journey/discardAll')).status).toBe(200);
    expect((await call('GET', 'journey/next')).status).toBe(204);
    fill({ feed: 'journey', events: 1, at: Date.parse('2030-01-01T00:00:00Z') });
    expect((await next()).notifications).toMatchObject([
      { when: expect.stringMatching(/^2030-01-01T00:00:00\.0{3}\d{4}\+/) },
    ]);
    expect(ledger()).toMatchObject([{ completedBy: 'discard' }, { completedBy: null }]);
  });

  it('lets in only who has a token that is still good', async () => {
    const auth = { kind: 'oauth2', clientId: 'ferry', clientSecret: 'a&b', lifetimeS: 60 } as const;
    const { tokenUrl, addFault, stats } = await start({ auth });
    const ask = (authorization: string): Promise<Response> =>
      call('GET', 'journey/next', { headers: { authorization } });
    expect((await ask('Bearer x')).status).toBe(401);
    const token = async (init: RequestInit): Promise<Response> => fetch(tokenUrl, { ...init, method: 'POST' });
    const grant = { grant_type: 'client_credentials' };
    const wrong = new URLSearchParams({ ...grant, client_id: 'ferry', client_secret: 'no' });
    expect((await token({ body: wrong })).status).toBe(401);
    const basic = `Basic ${Buffer.from('ferry:a%26b').toString('base64')}`;
    const given = await token({ body: new URLSearchParams(grant), headers: { authorization: basic } });
    expect(await given.clone().json()).toMatchObject({ token_type: 'Bearer', expires_in: 60 });
    const { access_token } = (await given.json()) as { access_token: string };
    expect((await ask(`Bearer ${access_token}`)).status).toBe(204);
    addFault({ kind: 'expire-tokens' });
    expect((await ask(`Bearer ${access_token}`)).status).toBe(401);
    expect(stats().tokensIssued).toBe(1);
  });

  it('ends a token when its lifetime is over', async () => {
    const auth = { kind: 'oauth2', clientId: 'ferry', clientSecret: 'b', lifetimeS: 0.1 } as const;
    const { tokenUrl } = await start({ auth });
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'ferry', client_secret: 'b' });
    const { access_token } = (await (await fetch(tokenUrl, { method: 'POST', body })).json()) as {
      access_token: string;
    };
    const headers = { authorization: `Bearer ${access_token}` };
    const status = async (): Promise<number> => (await call('GET', 'journey/next', { headers })).status;
    await expect.poll(status, { timeout: 10_000 }).toBe(401);
  });
});

describe('its events', () => {
  it('are the same for the same seed, and others for another', async () => {
    const bodies: string[] = [];
    for (const seed of [7, 7, 8]) {
      await using other = await startFenergoSimulator({ seed, fill: [{ feed: 'screening', events: 10 }] });
      bodies.push(await (await fetch(`${other.baseUrl}/eventnotifications/v2/screening/next`)).text());
    }
    expect(bodies[0]).toBe(bodies[1]);
    expect(bodies[0]).not.toBe(bodies[2]);
  });

  it('have distinct ids, across feeds too', async () => {
    const { ledger } = await start({ fill: feedNames.map((feed) => ({ feed, events: 2_000, batchSize: 2_000 })) });
    for (const feed of feedNames) await next(feed);
    const ids = ledger().flatMap(({ eventIds }) => eventIds);
    expect(ids).toHaveLength(12_000);
    expect(new Set(ids).size).toBe(12_000);
    for (const id of ids.slice(0, 10)) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('come in batches of 1 to 10, and in the size asked for', async () => {
    await start({ fill: [{ feed: 'journey', events: 60, batchSize: 'random', eventBytes: 2_000 }] });
    const sizes: number[] = [];
    for (let more = true; more; ) {
      const batch = await next();
      sizes.push(batch.notifications.length);
      for (const event of batch.notifications) expect(Buffer.byteLength(JSON.stringify(event))).toBeCloseTo(2_000, -2);
      await complete(batch.batchId);
      more = batch.moreAvailable;
    }
    expect(sizes.reduce((sum, size) => sum + size)).toBe(60);
    expect(new Set(sizes).size).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
  });

  it('come in at a rate where one is asked for', async () => {
    await start({ fill: [{ feed: 'journey', events: 1_000_000, perSecond: 100 }] });
    await expect.poll(() => call('GET', 'journey/next').then(({ status }) => status), { timeout: 10_000 }).toBe(200);
    expect((await next()).notifications.length).toBeLessThanOrEqual(10);
  });
});

describe('control', () => {
  it('keeps a ledger of what was fetched and completed, and when', async () => {
    const started = Date.now();
    const { ledger } = await start({ fill: [{ feed: 'journey', events: 15 }] });
    const batch = await next();
    await next();
    expect(ledger('journey')).toMatchObject([{ batchId: batch.batchId, fetches: 2, completed: null }]);
    await complete(batch.batchId);
    await next();
    const [first, second] = ledger('journey');
    expect(first?.eventIds).toEqual(batch.notifications.map(({ id }) => id));
    expect(first?.completed?.at).toBeGreaterThanOrEqual(started);
    const orders = [first?.firstFetched, first?.completed, second?.firstFetched].map((moment) => moment?.order ?? 0);
    expect(orders).toEqual(orders.toSorted((a, b) => a - b));
    expect(second).toMatchObject({ fetches: 1, completed: null, completeCalls: 0 });
  });

  it('remembers the last requests', async () => {
    const { requests, stats } = await start({ requestLogSize: 3, fill: [{ feed: 'journey', events: 1 }] });
    await call('GET', 'document/next');
    const { batchId } = await next();
    await complete(batchId);
    await complete('1');
    expect(requests()).toMatchObject([
      { feed: 'journey', call: 'next', status: 200 },
      { feed: 'journey', call: 'complete', status: 200 },
      { feed: 'journey', call: 'complete', status: 404 },
    ]);
    expect(requests('document')).toEqual([]);
    expect(stats().requests).toBe(4);
  });

  it('lets batches of any bytes wait, under the id given', async () => {
    const { enqueue } = await start({ fill: [{ feed: 'journey', events: 1 }] });
    const body = batchBody('a b', ['{"id":"1"}', Buffer.of(0xff)]);
    enqueue('journey', body, 'a b');
    enqueue('journey', '<html>');
    await complete((await next()).batchId);
    expect(Buffer.from(await (await call('GET', 'journey/next')).arrayBuffer())).toEqual(body);
    expect(await complete('a%20b')).toBe(200);
    expect(await (await call('GET', 'journey/next')).text()).toBe('<html>');
  });

  it('can be waited for until all is completed', async () => {
    const { drained, stats } = await start({ fill: [{ feed: 'document', events: 3 }] });
    expect(await drained(1)).toBe(false);
    const whenDrained = drained(20_000);
    await complete((await next('document')).batchId, 'document');
    expect(await whenDrained).toBe(true);
    expect(stats().feeds.document).toEqual({ waiting: 0, openBatchId: null, batches: 1, completedEvents: 3 });
  });

  it('works the same from another process', async () => {
    const { baseUrl, ...here } = await start();
    const there = remoteSimulator(baseUrl);
    await there.fill({ feed: 'journey', events: 2, batchSize: 1 });
    await there.enqueue('document', Buffer.of(0xff, 0xfe), 'raw');
    await there.addFault({ feed: 'journey', kind: 'status', status: 503 });
    expect((await call('GET', 'journey/next')).status).toBe(503);
    await there.addFault({ kind: 'hang', times: 'always' });
    await there.clearFaults();
    await complete((await next()).batchId);
    expect(Buffer.from(await (await call('GET', 'document/next')).arrayBuffer())).toEqual(Buffer.of(0xff, 0xfe));
    expect(await there.ledger('journey')).toEqual(here.ledger('journey'));
    expect(await there.requests()).toEqual(here.requests());
    expect(await there.stats()).toEqual(here.stats());
    expect(await there.drained(1)).toBe(false);
    await complete((await next()).batchId);
    await complete('raw', 'document');
    expect(await there.drained(20_000)).toBe(true);
    await expect(there.fill({ feed: 'journey', events: -1 })).rejects.toThrow('400');
    await expect(there.addFault({ kind: 'status', status: 42 })).rejects.toThrow('400');
  });
});

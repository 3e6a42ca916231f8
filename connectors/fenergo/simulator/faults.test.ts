import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultPresets } from './fault-presets.ts';
import type { Fault } from './faults.ts';
import { type Simulator, startFenergoSimulator } from './simulator.ts';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startFenergoSimulator({
    fill: [
      { feed: 'journey', events: 40 },
      { feed: 'document', events: 20 },
    ],
  });
});

afterEach(() => simulator[Symbol.asyncDispose]());

function call(method: string, path: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${simulator.baseUrl}/eventnotifications/v2/${path}`, { method, signal: signal ?? null });
}

const next = (feed = 'journey'): Promise<Response> => call('GET', `${feed}/next`);

async function fetchId(): Promise<string> {
  return ((await (await next()).json()) as { batchId: string }).batchId;
}

const complete = (batchId: string): Promise<Response> => call('POST', `journey/${batchId}/complete`);

/** Gives up as soon as the simulator has written the call down as unanswered. */
async function expectHang(method: string, path: string): Promise<void> {
  const giveUp = new AbortController();
  const before = simulator.stats().requests;
  const answer = call(method, path, giveUp.signal);
  const failed = expect(answer).rejects.toThrow();
  await expect.poll(() => simulator.stats().requests, { timeout: 10_000 }).toBe(before + 1);
  giveUp.abort();
  await failed;
  expect(simulator.requests().at(-1)).toMatchObject({ status: 0 });
}

function openBatch(): string | null {
  return simulator.stats().feeds.journey.openBatchId;
}

describe('answers that are bad', () => {
  it('gives any status, for the feed, the call and the times asked for', async () => {
    simulator.addFault({ feed: 'journey', kind: 'status', status: 503, times: 2, skip: 1 });
    const statuses: number[] = [];
    for (let times = 0; times < 4; times++) statuses.push((await next()).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect((await next('document')).status).toBe(200);
  });

  it('gives Retry-After in seconds and as a date', async () => {
    simulator.addFault({ kind: 'status', status: 429, retryAfterS: 7 });
    simulator.addFault({ kind: 'status', status: 429, retryAfterS: 7, retryAfterAs: 'date' });
    expect((await next()).headers.get('retry-after')).toBe('7');
    const date = Date.parse((await next()).headers.get('retry-after') ?? '');
    expect(date - Date.now()).toBeGreaterThan(0);
    expect(date - Date.now()).toBeLessThanOrEqual(7_000);
  });

  it('hangs', async () => {
    simulator.addFault({ kind: 'hang' });
    await expectHang('GET', 'journey/next');
    expect((await next()).status).toBe(200);
  });

  it('breaks the connection in mid-body, and of a complete before it', async () => {
    simulator.addFault({ kind: 'reset' });
    const response = await next();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    const batchId = await fetchId();
    simulator.addFault({ call: 'complete', kind: 'reset', worked: true });
    await expect(complete(batchId)).rejects.toThrow();
    expect(openBatch()).toBeNull();
  });

  it('cuts the JSON short, and sends a web page', async () => {
    simulator.addFault({ kind: 'truncate' });
    simulator.addFault({ kind: 'html' });
    const truncated = await (await next()).text();
    expect(await (await next()).text()).toContain('<html>');
    const whole = await (await next()).text();
    expect(whole.startsWith(truncated)).toBe(true);
    expect(truncated.length).toBeLessThan(whole.length);
  });

  it('comes late', async () => {
    simulator.addFault({ kind: 'delay', ms: 50 });
    const started = performance.now();
    expect((await next()).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(45);
  });

  it('ends a fault when its time is over, and throws dice the same way for the same seed', async () => {
    simulator.addFault({ kind: 'status', status: 503, times: 'always', forMs: 100 });
    await expect.poll(() => next().then(({ status }) => status), { timeout: 10_000 }).toBe(200);
    const row = async (): Promise<readonly number[]> => {
      await using other = await startFenergoSimulator({ seed: 3 });
      other.addFault({ kind: 'status', status: 503, times: 'always', probability: 0.5 });
      const statuses: number[] = [];
      for (let times = 0; times < 20; times++) {
        statuses.push((await fetch(`${other.baseUrl}/eventnotifications/v2/journey/next`)).status);
      }
      return statuses;
    };
    const first = await row();
    expect(first).toContain(503);
    expect(first).toContain(204);
    expect(await row()).toEqual(first);
  });
});

describe('a complete that is in doubt', () => {
  it('answers 500 after having completed', async () => {
    const batchId = await fetchId();
    simulator.addFault({ call: 'complete', kind: 'status', status: 500, worked: true });
    expect((await complete(batchId)).status).toBe(500);
    expect(await fetchId()).not.toBe(batchId);
    expect(simulator.ledger('journey')[0]).toMatchObject({ completedBy: 'client', completeCalls: 1 });
  });

  it('hangs after having completed', async () => {
    const batchId = await fetchId();
    simulator.addFault({ call: 'complete', kind: 'hang', worked: true });
    await expectHang('POST', `journey/${batchId}/complete`);
    expect(await fetchId()).not.toBe(batchId);
  });

  it('answers 404 and really refuses', async () => {
    const batchId = await fetchId();
    simulator.addFault({ call: 'complete', kind: 'status', status: 404, times: 2 });
    expect((await complete(batchId)).status).toBe(404);
    expect(await fetchId()).toBe(batchId);
    expect((await complete(batchId)).status).toBe(404);
    expect((await complete(batchId)).status).toBe(200);
    expect(simulator.ledger('journey')[0]).toMatchObject({ completeCalls: 3, fetches: 2 });
  });

  it('finds that somebody else has completed the batch', async () => {
    simulator.addFault({ kind: 'foreign-complete' });
    const batchId = await fetchId();
    expect((await complete(batchId)).status).toBe(404);
    expect(simulator.ledger('journey')).toMatchObject([{ batchId, completedBy: 'foreign', completeCalls: 1 }]);
    expect(await fetchId()).not.toBe(batchId);
  });
});

describe('batches that are odd', () => {
  it('has fields that nobody documented', async () => {
    simulator.addFault({ kind: 'unknown-fields' });
    const body = await (await next()).text();
    expect(JSON.parse(body)).toMatchObject({ region: 'eu-1', batchId: expect.any(String) });
    expect(await (await next()).text()).toBe(body);
  });

  it('never parses until it is completed', async () => {
    simulator.addFault({ kind: 'garble' });
    for (let times = 0; times < 3; times++) await expect((await next()).json()).rejects.toThrow(SyntaxError);
    expect((await complete(openBatch() ?? '')).status).toBe(200);
    expect(await fetchId()).toBeDefined();
  });

  it('uses a batch id again for other content', async () => {
    const batchId = await fetchId();
    await complete(batchId);
    simulator.addFault({ kind: 'reuse-batch-id' });
    expect(await fetchId()).toBe(batchId);
    const [first, second] = simulator.ledger('journey');
    expect(first?.eventIds).not.toEqual(second?.eventIds);
    expect((await complete(batchId)).status).toBe(200);
    expect(await fetchId()).not.toBe(batchId);
  });
});

it('lets a discardAll time out at first', async () => {
  simulator.addFault({ call: 'discardAll', kind: 'hang', times: 2 });
  await expectHang('PUT', 'journey/discardAll');
  await expectHang('PUT', 'journey/discardAll');
  expect(simulator.stats().feeds.journey.waiting).toBe(40);
  expect((await call('PUT', 'journey/discardAll')).status).toBe(200);
  expect((await next()).status).toBe(204);
});

it('disturbs the token endpoint too', async () => {
  await using guarded = await startFenergoSimulator({ auth: { kind: 'oauth2', clientId: 'a', clientSecret: 'b' } });
  guarded.addFault({ call: 'token', kind: 'status', status: 500 });
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'a', client_secret: 'b' });
  expect((await fetch(guarded.tokenUrl, { method: 'POST', body })).status).toBe(500);
  expect((await fetch(guarded.tokenUrl, { method: 'POST', body })).status).toBe(200);
  expect(guarded.requests()).toMatchObject([
    { call: 'token', status: 500 },
    { call: 'token', status: 200 },
  ]);
});

it.each(Object.entries(faultPresets))('takes the preset %s over HTTP too', async (_name, preset: Fault) => {
  const response = await fetch(`${simulator.baseUrl}/_sim/faults`, { method: 'POST', body: JSON.stringify(preset) });
  expect(response.status).toBe(200);
});

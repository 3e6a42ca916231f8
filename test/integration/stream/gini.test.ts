import { describe, expect, test } from 'vitest';
import { documentIdOf, lifeOf, startGiniSimulator } from '../../../connectors/gini/simulator/gini-server.ts';
import { refusalForms } from '../../../connectors/sse/simulator/refusal-bytes.ts';
import { startStreamedBridge } from '../../support/stream/streamed-bridge.ts';

const patience = { timeout: 15_000, interval: 30 };
const timeout = 40_000;
const retry = { min: '10ms', max: '200ms' };
const token = 'hush-hush-token';

function from(baseUrl: string, more: object = {}): object {
  return { connector: 'gini', account: 'acme', baseUrl, auth: { bearer: token }, retry, ...more };
}

const [first, second, third] = [1, 2, 3].map(documentIdOf) as [string, string, string];

describe('Gini', { timeout }, () => {
  test('is asked with its own spelling of the header, and its events are told', async () => {
    await using gini = await startGiniSimulator({ token: () => token });
    await using bridge = await startStreamedBridge({ from: from(gini.baseUrl) });
    await gini.connected(1);
    gini.tell(first, 'PENDING');
    gini.tell(first, 'COMPLETED');
    gini.tell(first, 'COMPLETED');
    gini.tell(second, 'ERROR');
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(3);
    expect((await bridge.stored()).map(({ type, outcome }) => [type, outcome])).toEqual([
      ['net.gini.document.pending', 'pending'],
      ['net.gini.document.completed', 'ok'],
      ['net.gini.document.error', 'error'],
    ]);
    expect(gini.requests).toMatchObject([{ url: '/events/client', authorization: `BEARER ${token}` }]);
  });

  const bodies = refusalForms.flatMap((form) => [
    { form, ended: true, ends: true, emptyLines: 0 },
    { form, ended: true, ends: false, emptyLines: 3 },
    { form, ended: form.includes('data'), ends: false, emptyLines: 1 },
    { form, ended: true, ends: true, emptyLines: 2, pieceBytes: 1 },
  ]);
  test.each(bodies)('has refused the token, in whatever form it says so: %j', async (refusal) => {
    const word = refusal.ends ? 'auth_failed' : 'auth_required';
    await using gini = await startGiniSimulator();
    gini.failAlways({ kind: 'refuse', refusal: { ...refusal, word } });
    await using bridge = await startStreamedBridge({ from: from(gini.baseUrl), timing: { settledMs: 10_000 } });
    const { error } = await bridge.recorder.seen('attempt.failed');
    expect([error.code, error.message.includes(word)]).toEqual(['AUTH_REFUSED', true]);
    await expect.poll(() => bridge.ready(), patience).toBe(503);
  });

  test.each(refusalForms)('accepts nothing of us: the feed halts (%s)', async (form) => {
    await using gini = await startGiniSimulator();
    gini.failAlways({ kind: 'refuse', refusal: { word: 'not_accepted', form } });
    await using bridge = await startStreamedBridge({ from: from(gini.baseUrl) });
    const { error } = await bridge.recorder.seen('feed.halted');
    expect(error.code).toBe('UPSTREAM_REFUSED');
    expect(await bridge.ready()).toBe(503);
    expect(gini.requests).toHaveLength(1);
  });

  test('refuses the token: never more than one request a second, shown as unauthorised, and all flows again', async () => {
    let good = 'another';
    await using gini = await startGiniSimulator({ token: () => good });
    // As in production.
    const timing = {
      settledMs: 2_000,
      heartbeatMs: 10_000,
      retry: { baseMs: 1_000, capMs: 2_000, jitter: 'full' as const },
      paceMs: 1_000,
    };
    await using bridge = await startStreamedBridge({ from: from(gini.baseUrl), timing });
    await gini.asked(4);
    const pauses = gini.requests.slice(1).map(({ at }, index) => at - (gini.requests[index]?.at ?? 0));
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(990);
    const answer = await fetch(`${bridge.healthUrl}/readyz/streamed`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('AUTH_REFUSED')]);
    expect((await fetch(`${bridge.healthUrl}/readyz`)).status).toBe(200);
    good = token;
    await gini.connected(1);
    gini.tell(first, 'COMPLETED');
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(1);
    expect(await bridge.ready()).toBe(200);
  });

  test('breaks off: what the document API knows of the gap is published, with the ids that the stream would have given', async () => {
    await using gini = await startGiniSimulator();
    const reconcile = { baseUrl: gini.baseUrl, auth: { bearer: token } };
    await using bridge = await startStreamedBridge({ from: from(gini.baseUrl, { reconcile }) });
    await gini.connected(1);
    gini.tell(first, 'PENDING');
    gini.tell(second, 'COMPLETED');
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(2);
    gini.failAlways({ kind: 'status', status: 503 });
    gini.cutAll();
    await gini.asked(2);
    gini.change(first, 'COMPLETED');
    gini.change(third, 'ERROR');
    gini.failAlways(undefined);
    await gini.connected(1);
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(4);
    const states = (await bridge.stored()).map(({ subject, type }) => [subject, type.split('.').at(-1)]);
    expect(states).toEqual([
      [first, 'pending'],
      [second, 'completed'],
      [first, 'completed'],
      [third, 'error'],
    ]);
    await expect
      .poll(async () => (await bridge.told()).map(({ data }) => data), patience)
      .toMatchObject([{ reason: 'connection-lost', reconciled: true }]);
    expect(gini.documentRequests).toHaveLength(1);
  });

  test('breaks off, and its document API answers nothing: the gap says so, and the stream goes on', async () => {
    await using gini = await startGiniSimulator();
    const reconcile = { baseUrl: gini.baseUrl, path: 'nothing/here' };
    await using bridge = await startStreamedBridge({ from: from(gini.baseUrl, { reconcile }) });
    await gini.connected(1);
    gini.tell(first, 'PENDING');
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(1);
    gini.cutAll();
    await gini.asked(2);
    await gini.connected(1);
    gini.tell(first, 'COMPLETED');
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(2);
    await expect
      .poll(async () => (await bridge.told()).map(({ data }) => data), patience)
      .toMatchObject([{ reconciled: false }]);
  });

  test('is shown the token in the query: it is in no log, no health report, no error and no event', async () => {
    await using gini = await startGiniSimulator({ token: () => token });
    gini.fail(
      { kind: 'status', status: 500 },
      { kind: 'web-page' },
      { kind: 'refuse', refusal: { word: 'auth_failed', form: 'data' } },
    );
    await using bridge = await startStreamedBridge({ from: from(gini.baseUrl, { tokenIn: 'query' }) });
    await gini.connected(1);
    gini.tell(first, 'COMPLETED');
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(1);
    gini.cutAll();
    await gini.asked(5);
    await expect.poll(async () => (await bridge.told()).length, patience).toBeGreaterThan(0);
    expect(gini.requests[0]?.url).toBe(`/events/client?access_token=${token}`);
    expect(gini.requests[0]?.authorization).toBeUndefined();
    const told = bridge.recorder.events.map((event) =>
      JSON.stringify(event, (_key, value) =>
        value instanceof Error ? { message: value.message, stack: value.stack, cause: String(value.cause) } : value,
      ),
    );
    const health = await (await fetch(`${bridge.healthUrl}/healthz`)).text();
    const events = JSON.stringify([await bridge.stored(), await bridge.told()]);
    for (const text of [...told, health, events]) expect(text).not.toContain(token);
  });

  test('is read on while its pipeline is replaced: each state is told once, and no gap', async () => {
    await using gini = await startGiniSimulator();
    await using bridge = await startStreamedBridge({ from: from(gini.baseUrl) });
    await gini.connected(1);
    let sent = 0;
    const timer = setInterval(() => {
      const { documentId, status } = lifeOf(sent);
      gini.tell(documentId, status);
      sent += 1;
    }, 2);
    try {
      for (const typePrefix of ['a', 'b', 'c']) {
        const before = gini.requests.length;
        await bridge.reload(from(gini.baseUrl, { typePrefix }));
        await gini.asked(before + 1);
        await expect.poll(() => gini.open, patience).toBe(1);
      }
    } finally {
      clearInterval(timer);
    }
    await expect.poll(async () => (await bridge.stored()).length, patience).toBeGreaterThanOrEqual(sent);
    const states = (await bridge.stored()).map(({ data }) => data);
    expect(states).toEqual(Array.from({ length: sent }, (_, number) => lifeOf(number)));
    expect(await bridge.told()).toEqual([]);
  });
});

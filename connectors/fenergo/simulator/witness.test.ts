import { afterEach, expect, it } from 'vitest';
import { type Simulator, startFenergoSimulator } from './simulator.ts';
import type { Witness } from './witness.ts';

let simulator: Simulator | undefined;

afterEach(async () => {
  await simulator?.[Symbol.asyncDispose]();
});

async function start(witness: Witness): Promise<Simulator> {
  simulator = await startFenergoSimulator({ fill: [{ feed: 'screening', events: 20 }], witness });
  return simulator;
}

function call(method: string, path: string): Promise<Response> {
  return fetch(`${simulator?.baseUrl}/eventnotifications/v2/screening/${path}`, { method });
}

it('shows a call before it works, after it worked, and when it is answered, with the batch it is about', async () => {
  const told: unknown[] = [];
  const started = await start({
    async arrived({ feed, call, batchId, eventIds }) {
      told.push(['arrived', feed, call, batchId, eventIds().length, started.stats().feeds.screening.completedEvents]);
      return undefined;
    },
    async worked({ feed, call, batchId, eventIds }) {
      told.push(['worked', feed, call, batchId, eventIds().length, started.stats().feeds.screening.completedEvents]);
    },
    answered: ({ feed, call, batchId }) => void told.push(['answered', feed, call, batchId]),
  });
  const { batchId } = (await (await call('GET', 'next')).json()) as { batchId: string };
  expect((await call('POST', `${batchId}/complete`)).status).toBe(200);
  expect(told).toEqual([
    ['arrived', 'screening', 'next', '', 0, 0],
    ['worked', 'screening', 'next', batchId, 10, 0],
    ['answered', 'screening', 'next', batchId],
    ['arrived', 'screening', 'complete', batchId, 10, 0],
    ['worked', 'screening', 'complete', batchId, 10, 10],
    ['answered', 'screening', 'complete', batchId],
  ]);
});

it('holds a call up for as long as the witness likes', async () => {
  const gate = Promise.withResolvers<undefined>();
  const arrived = Promise.withResolvers<void>();
  const started = await start({
    arrived: ({ call }) => {
      if (call !== 'complete') return Promise.resolve(undefined);
      arrived.resolve();
      return gate.promise;
    },
  });
  const { batchId } = (await (await call('GET', 'next')).json()) as { batchId: string };
  const completed = call('POST', `${batchId}/complete`);
  await arrived.promise;
  expect(started.stats().feeds.screening).toMatchObject({ openBatchId: batchId, completedEvents: 0 });
  gate.resolve(undefined);
  expect((await completed).status).toBe(200);
  expect(started.stats().feeds.screening.completedEvents).toBe(10);
});

it('lets a call that the witness drops do nothing, and breaks its connection', async () => {
  const started = await start({ arrived: async ({ call }) => (call === 'complete' ? 'drop' : undefined) });
  const { batchId } = (await (await call('GET', 'next')).json()) as { batchId: string };
  await expect(call('POST', `${batchId}/complete`)).rejects.toThrow();
  expect(started.stats().feeds.screening).toMatchObject({ openBatchId: batchId, completedEvents: 0 });
});

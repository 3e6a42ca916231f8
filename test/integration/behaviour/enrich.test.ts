import { describe, expect, test } from 'vitest';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { type Bridge, hastily, startBridge } from '../../support/daemon.ts';

function startEnriching(simulator: Simulator): Promise<Bridge> {
  const from = ['feeds: [journey]', 'schedule: { every: 200ms }', 'enrich: true'];
  return startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
}

async function dataOf(bridge: Bridge): Promise<readonly { record: { relativeUrl: string }; resource: unknown }[]> {
  return (await bridge.published('journey')).map(({ line }) => JSON.parse(line).data);
}

describe('with enrich', () => {
  test('each event carries its record and the resource it points at, in order', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 25 }] });
    await using bridge = await startEnriching(simulator);
    expect(await simulator.drained(10_000)).toBe(true);
    const data = await dataOf(bridge);
    expect(data).toHaveLength(25);
    for (const { record, resource } of data) expect(resource).toEqual({ path: record.relativeUrl });
  });

  test('a resource that fails for a while is asked for again, and nothing is published without it', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 3 }] });
    simulator.addFault({ call: 'resource', kind: 'status', status: 503, times: 1 });
    await using bridge = await startEnriching(simulator);
    expect(await simulator.drained(10_000)).toBe(true);
    expect(await dataOf(bridge)).toHaveLength(3);
    expect(bridge.recorder.of('attempt.failed')).toMatchObject([{ activity: 'step' }]);
  });

  test('a record that points out of the base URL is set aside, and its neighbours flow', async () => {
    await using simulator = await startFenergoSimulator();
    const records = ['a/1', '../../token', 'a/3'].map((relativeUrl, index) =>
      JSON.stringify({ id: String(index), eventType: 'journey:x', relativeUrl }),
    );
    simulator.enqueue('journey', batchBody('1', records, false), '1');
    await using bridge = await startEnriching(simulator);
    expect(await simulator.drained(10_000)).toBe(true);
    expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(['0', '2']);
    const letters = await bridge.operations.deadLetters({ limit: 10 });
    expect(letters).toMatchObject([{ code: 'RESOURCE_REFUSED', stage: 'step', index: 1 }]);
  });
});

import { describe, expect, test } from 'vitest';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { startBridge } from '../../support/daemon.ts';
import { createWorkplace } from '../../support/workplace.ts';

const feed = 'fenergo/journey';
const from = ['feeds: [journey]', 'schedule: { every: 20ms }'];

describe('a trace', () => {
  test('says when an event was fetched, where it is and when its batch was completed, also after a restart', async () => {
    await using workplace = await createWorkplace();
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
    const began = Date.now();
    const [batch] = simulator.ledger('journey');
    let events: readonly string[] = [];
    {
      await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from });
      expect(await simulator.drained(10_000)).toBe(true);
      await bridge.recorder.seen('batch.completed', 3);
      events = (await bridge.published('journey')).map(({ id }) => id);
      const [found, ...more] = await bridge.operations.trace(events[10] ?? '', 10);
      expect(more).toEqual([]);
      expect(found?.feed).toBe(feed);
      expect(found?.events).toMatchObject([
        { id: events[10], destination: 'fenergo.journey', receipt: { topic: 'fenergo.journey', offset: 10 } },
      ]);
      const times = [found?.fetchedAt, found?.publishedAt, found?.completedAt].map(Number);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThanOrEqual(began);
    }
    await using again = await startBridge({ baseUrl: simulator.baseUrl, workplace, from });
    const [found] = await again.operations.trace(batch?.batchId ?? simulator.ledger('journey')[0]?.batchId ?? '', 10);
    expect(found?.events.map(({ id }) => id)).toEqual(events.slice(0, 10));
    expect(await again.operations.trace('nothing of that name', 10)).toEqual([]);
  });
});

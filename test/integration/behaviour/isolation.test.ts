import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { AnySinkType } from '../../../src/core/sink-type.ts';
import { handedOut, startBridge } from '../../support/daemon.ts';
import { refusingSinkType } from '../../support/refusing-sink.ts';

const others = feedNames.filter((feed) => feed !== 'journey');
const events = 300;
const from = ['feeds: all', 'schedule: { every: 200ms }', 'timeouts: { connect: 2s, headers: 2s, body: 2s }'];

const toJourney = (name: string) => name.endsWith('journey');

interface Breakage {
  readonly breakIt: (simulator: Simulator) => void;
  readonly sinkType?: AnySinkType;
  /** What is said of the broken feed. */
  readonly code: ErrorCode;
}

const always = { feed: 'journey', times: 'always' } as const;
const poison = Array.from({ length: 150 }, () => '{}');

const breakages: Readonly<Record<string, Breakage>> = {
  'its name is spelled in another case (404)': {
    breakIt: ({ addFault }) => addFault({ ...always, kind: 'status', status: 404 }),
    code: 'UPSTREAM_NOT_FOUND',
  },
  'its credentials are refused': {
    breakIt: ({ addFault }) => addFault({ ...always, kind: 'status', status: 401 }),
    code: 'AUTH_REFUSED',
  },
  'its records are all poison': {
    breakIt: ({ enqueue }) => enqueue('journey', batchBody('flood', poison), 'flood'),
    code: 'POISON_FLOOD',
  },
  'its complete is refused': {
    breakIt: ({ addFault }) => addFault({ ...always, call: 'complete', kind: 'status', status: 404 }),
    code: 'COMPLETE_UNCONFIRMED',
  },
  'its upstream hangs': { breakIt: ({ addFault }) => addFault({ ...always, kind: 'hang' }), code: 'UPSTREAM_TIMEOUT' },
  'its upstream asks to wait': {
    breakIt: ({ addFault }) => addFault({ ...always, kind: 'status', status: 429, retryAfterS: 600 }),
    code: 'UPSTREAM_RATE_LIMITED',
  },
  'its upstream sends web pages': {
    breakIt: ({ addFault }) => addFault({ ...always, kind: 'html' }),
    code: 'BATCH_MALFORMED',
  },
  'its topic is unavailable': {
    breakIt: () => {},
    sinkType: refusingSinkType({ destination: toJourney }),
    code: 'BROKER_UNAVAILABLE',
  },
  'its topic does not exist': {
    breakIt: () => {},
    sinkType: refusingSinkType({ destination: toJourney, code: 'DESTINATION_MISSING' }),
    code: 'DESTINATION_MISSING',
  },
};

/** Milliseconds until the five feeds are empty. */
async function timeToDrain(breakage: Breakage | undefined): Promise<number> {
  await using simulator = await startFenergoSimulator({ fill: others.map((feed) => ({ feed, events })) });
  if (breakage?.code !== 'POISON_FLOOD') simulator.fill({ feed: 'journey', events });
  breakage?.breakIt(simulator);
  await using bridge = await startBridge({
    baseUrl: simulator.baseUrl,
    from: breakage ? from : [`feeds: [${others.join(', ')}]`, ...from.slice(1)],
    ...(breakage?.sinkType && { sinkType: breakage.sinkType }),
    timing: { drainMs: 50 },
  });
  const started = performance.now();
  const isEmpty = () => others.every((feed) => simulator.stats().feeds[feed].completedEvents === events);
  await expect.poll(isEmpty, { interval: 10, timeout: 15_000 }).toBe(true);
  const ms = performance.now() - started;

  for (const feed of others) {
    expect((await bridge.published(feed)).map(({ id }) => id)).toEqual(handedOut(simulator.ledger(feed)));
  }
  if (breakage === undefined) return ms;
  // The sixth one is still broken, and says so.
  const said = () =>
    [...bridge.recorder.of('attempt.failed'), ...bridge.recorder.of('feed.halted')].map(({ error }) => error.code);
  await expect.poll(said, { timeout: 5_000 }).toContain(breakage.code);
  expect(simulator.stats().feeds.journey.completedEvents).toBe(0);
  const { status } = await bridge.health('/readyz');
  expect(status).toBe(200);
  return ms;
}

describe('the other five feeds drain in the time that they take without it when of one feed', () => {
  test.each(Object.entries(breakages))('%s', async (_name, breakage) => {
    const alone = await timeToDrain(undefined);
    const beside = await timeToDrain(breakage);
    // Any wait that they shared would take a second and more.
    expect(beside).toBeLessThan(alone * 2 + 800);
  });
});

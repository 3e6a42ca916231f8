import { expect } from 'vitest';
import { type FenergoFeed, feedNames } from '../../../connectors/fenergo/feeds.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { startUpstream } from '../bridge/upstream.ts';
import { createTopics, uniqueName } from '../kafka/topics.ts';
import { type Client, startKafkaDaemon } from './kafka-daemon.ts';
import { spotless, timed, verdictOn } from './verdict.ts';

/** What is wrong with a neighbour. */
export interface Trouble {
  /** Makes its topic, where that is not there already. */
  readonly prepare?: (bootstrap: string, topic: string) => Promise<void>;
  /** What is said of its feed. */
  readonly code: ErrorCode;
  /** Its events are set aside, and it flows on in its way. */
  readonly setsAside?: boolean;
  /** Of its broker, over those of the good ones. Only for another pipeline. */
  readonly broker?: Readonly<Record<string, unknown>>;
}

export interface Neighbourhood {
  readonly bootstrap: string;
  readonly client: Client;
  /** What the names of all topics begin with, of topics that are all there; default: good ones are created. */
  readonly prefix?: string;
  /** `feed`: of the same pipeline, in the same sends. `pipeline`: of the same daemon. */
  readonly neighbour?: { readonly kind: 'feed' | 'pipeline'; readonly name: string; readonly trouble: Trouble };
}

export const eventsPerFeed = 600;
export const bad: FenergoFeed = 'journey';
export const good = feedNames.filter((feed) => feed !== bad);

/**
 * Milliseconds until five good feeds are empty. Expects that nothing of them is lost, reordered, completed early or
 * doubled, and that the neighbour is still in trouble and says so.
 */
export async function timeToDrain({ bootstrap, client, prefix: given, neighbour }: Neighbourhood): Promise<number> {
  await using upstream = await startUpstream({ eventsPerFeed, absent: () => [] });
  const { simulator } = upstream;
  const prefix = given ?? `${uniqueName('good')}.`;
  const topicOf = (feed: string) => prefix + feed;
  if (given === undefined) await createTopics(bootstrap, good.map(topicOf), { config: timed });
  const inPipeline = neighbour?.kind === 'feed';
  await neighbour?.trouble.prepare?.(bootstrap, topicOf(bad));

  const settings = { client, bootstrap: bootstrap.split(',') };
  const { baseUrl } = simulator;
  const started = performance.now();
  await using daemon = await startKafkaDaemon({
    brokers: { kafka: settings, ...(neighbour && { other: { ...settings, ...neighbour.trouble.broker } }) },
    pipelines: {
      good: { baseUrl, feeds: inPipeline ? feedNames : good, to: { topic: `${prefix}{feed}` } },
      ...(neighbour?.kind === 'pipeline' && {
        bad: {
          baseUrl,
          feeds: [bad],
          broker: neighbour.trouble.broker ? 'other' : 'kafka',
          to: { topic: `${prefix}{feed}` },
        },
      }),
    },
  });
  const isEmpty = () => good.every((feed) => simulator.stats().feeds[feed].completedEvents === eventsPerFeed);
  await expect.poll(isEmpty, { interval: 10, timeout: 60_000 }).toBe(true);
  const ms = performance.now() - started;

  const beside = neighbour ? `beside a ${neighbour.kind} whose ${neighbour.name}` : 'alone';
  const what = `five feeds ${beside}, ${Math.round(ms)} ms`;
  expect(await verdictOn(what, { upstream, bootstrap, client, topicOf, feeds: good })).toEqual(spotless);
  if (!neighbour) return ms;

  const { recorder } = daemon;
  const said = () =>
    recorder.events.flatMap((event) => {
      if (!('error' in event)) return [];
      const name = 'feed' in event ? event.feed : 'subject' in event ? event.subject : '';
      return name.endsWith(`/${bad}`) ? [event.error.code] : [];
    });
  await expect.poll(said, { timeout: 15_000 }).toContain(neighbour.trouble.code);
  if (!neighbour.trouble.setsAside) expect(simulator.stats().feeds[bad].completedEvents).toBe(0);
  return ms;
}

/** Any wait that they shared would take a second and more. */
export function undisturbed(aloneMs: number): number {
  return aloneMs * 2 + 500;
}

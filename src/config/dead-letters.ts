import type { FeedName } from '../core/batch.ts';
import { bridgeEventEnvelope } from '../core/bridge-event.ts';
import type { FeedDefinition } from '../core/connector.ts';
import { type DeadLetter, deadLetterEnvelope } from '../core/dead-letter.ts';
import type { Envelope } from '../core/envelope.ts';
import { toBridgeError } from '../core/errors.ts';
import type { DestinationDefinition } from './configuration.ts';
import { type Brokers, readDestination } from './destinations.ts';
import { type ConfigNode, childOf } from './node.ts';
import { placeName, type Refuse } from './problem.ts';

/** A pipeline without its `deadLetters`, as far as it is good. */
export interface CopiedPipeline {
  readonly name: string;
  readonly feeds: readonly FeedDefinition[];
  readonly to: readonly DestinationDefinition[];
}

/** A setting of a pipeline that names one more destination, for what is no event of the upstream. */
export interface Aside {
  readonly setting: 'deadLetters' | 'bridgeEvents';
  /** What goes there: "every dead letter is copied". */
  readonly why: string;
  readonly noun: string;
  readonly attributes: string;
  sample(feed: FeedName, source: string): Envelope;
}

const deadLetters: Aside = {
  setting: 'deadLetters',
  why: 'every dead letter is copied',
  noun: 'dead letters',
  attributes: 'A dead letter has the attributes id, source, type, subject and partitionkey.',
  sample: (feed, source) => deadLetterEnvelope(anyLetter(feed, source)),
};

export const bridgeEvents: Aside = {
  setting: 'bridgeEvents',
  why: 'all that the bridge says goes there',
  noun: 'what the bridge says',
  attributes: 'A bridge event has the attributes id, source, type, time and partitionkey.',
  sample(feed, source) {
    const facts = { feed, requestid: 'any', correlationid: 'any' };
    return bridgeEventEnvelope({ id: 'any', feed, source, kind: 'request.accepted', at: new Date(0), facts });
  },
};

/**
 * Judges `deadLetters` of a pipeline, or `bridgeEvents`: one destination, for all of its kind, where no pipeline
 * publishes. Undefined when there is none, or it is refused.
 */
export function readAside(
  node: ConfigNode | undefined,
  pipeline: CopiedPipeline,
  all: readonly CopiedPipeline[],
  brokers: Brokers | undefined,
  refuse: Refuse,
  aside: Aside = deadLetters,
): DestinationDefinition | undefined {
  if (node === undefined || brokers === undefined) return undefined;
  const path = ['pipelines', pipeline.name, aside.setting];
  if (node.kind === 'list') {
    const message = `${placeName(path)} is a list.`;
    refuse({ at: node.at, code: 'CONFIG_INVALID', message, hint: 'Expected one destination: { broker: …, … }.' });
    return undefined;
  }
  const when = childOf(node, 'when');
  if (when !== undefined) {
    const message = `${placeName(path)} has a condition.`;
    const hint = `Remove it: ${aside.why}.`;
    refuse({ at: when.key ?? when.at, code: 'CONFIG_UNKNOWN_KEY', message, hint });
    return undefined;
  }
  const destination = readDestination(node, path, brokers, refuse);
  if (destination === undefined) return undefined;
  const problem = unfit(destination, pipeline, all, aside);
  if (problem === undefined) return { ...destination, name: aside.setting };
  refuse({ at: node.at, ...problem(placeName(path)) });
  return undefined;
}

type Complaint = (place: string) => Pick<Parameters<Refuse>[0], 'code' | 'message' | 'hint'>;

/** What keeps a destination that is good by itself from taking the dead letters of this pipeline. */
function unfit(
  destination: DestinationDefinition,
  { name, feeds }: CopiedPipeline,
  all: readonly CopiedPipeline[],
  { sample, attributes, noun }: Aside,
): Complaint | undefined {
  const place = destination.sinkType.place(destination.destination, name);
  for (const { name: feedName, source } of feeds) {
    const feed: FeedName = `${name}/${feedName}`;
    let copies: string;
    try {
      copies = place.render(sample(feed, source), feed);
    } catch (thrown) {
      const { message } = toBridgeError(thrown);
      return (at) => ({ code: 'CONFIG_INVALID', message: `${at} names no place: ${message}.`, hint: attributes });
    }
    const publishing = all.map((other) => publisherAt(other, destination, copies)).find(Boolean);
    if (publishing !== undefined) {
      const message = `leads to ${copies}, where ${publishing} publishes: consumers would take ${noun} for events.`;
      const hint = `Give ${noun === 'dead letters' ? 'the dead letters' : 'it'} a destination of ${noun === 'dead letters' ? 'their' : 'its'} own.`;
      return (at) => ({ code: 'CONFIG_UNSAFE', message: `${at} ${message}`, hint });
    }
  }
  return undefined;
}

/**
 * The first feed of a pipeline that publishes at this place. Where events go by their attributes, that is not known
 * beforehand; a dead letter has a type of its own.
 */
function publisherAt({ name, feeds, to }: CopiedPipeline, copies: DestinationDefinition, place: string) {
  for (const { sinkType, destination, ...other } of to) {
    if (!isSameBroker({ sinkType, ...other }, copies)) continue;
    const published = sinkType.place(destination, name);
    const found = feeds.find((feed) => published.renderFeed(`${name}/${feed.name}`) === place);
    if (found !== undefined) return `${name}/${found.name}`;
  }
  return undefined;
}

type AtBroker = Pick<DestinationDefinition, 'brokerName' | 'sinkType' | 'broker'>;

/** The same broker may be declared under two names. */
function isSameBroker(one: AtBroker, other: AtBroker): boolean {
  if (one.brokerName === other.brokerName) return true;
  return one.sinkType === other.sinkType && JSON.stringify(one.broker) === JSON.stringify(other.broker);
}

/** Where dead letters go depends on what is the same in all of a feed. */
function anyLetter(feed: FeedName, source: string): DeadLetter {
  const at = new Date(0);
  const record = { bytes: Buffer.alloc(0), mediaType: 'application/json', headers: {}, receivedAt: at };
  const why = { status: 'open', code: 'RECORD_INVALID', reason: '', stage: 'normalise', attempts: 1 } as const;
  return { id: 'any', feed, source, ...why, batchId: '', index: 0, record, envelope: null, firstAt: at, lastAt: at };
}

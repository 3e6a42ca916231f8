import type { Envelope } from '../../core/envelope.ts';
import { BridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import type { Delivery, Routed, Sink } from '../../core/sink.ts';
import type { SinkContext } from '../../core/sink-type.ts';
import { compileTemplate } from '../template.ts';
import type { Append } from './append-queue.ts';
import { checkLog } from './check.ts';
import type { LogBroker, LogDestination } from './config.ts';
import { encodeLine } from './encode.ts';
import { acquireDirectory } from './log-directory.ts';
import { type OpenFile, openFile } from './segment.ts';
import { checkTopicName } from './topic-name.ts';

/** What tests replace. */
export interface LogPlatform {
  readonly openFile: OpenFile;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a publish waits for the disk, in milliseconds. */
  readonly confirmMs: number;
}

const realPlatform: LogPlatform = { openFile, now: Date.now, confirmMs: 10_000 };

const maxOpenCalls = 64;
const maxCall = { events: 5_000, bytes: 8 * 1024 ** 2 };

function approximateBytes({ attributes, data }: Envelope): number {
  let bytes = data.kind === 'binary' ? (data.bytes.length * 4) / 3 : data.bytes.length;
  for (const name in attributes) bytes += name.length + (attributes[name]?.length ?? 0) + '"":"",'.length;
  return Math.ceil(bytes);
}

/** The lines of each topic, and the positions of their items in the call. */
function byTopic(items: readonly Routed[]): Map<string, { readonly lines: Buffer[]; readonly indexes: number[] }> {
  const topics = new Map<string, { readonly lines: Buffer[]; readonly indexes: number[] }>();
  items.forEach(({ destination, envelope }, index) => {
    let topic = topics.get(destination);
    if (topic === undefined) {
      topic = { lines: [], indexes: [] };
      topics.set(destination, topic);
    }
    topic.lines.push(encodeLine(envelope));
    topic.indexes.push(index);
  });
  return topics;
}

function failAll(items: readonly Routed[], error: BridgeError): readonly Delivery[] {
  return items.map(() => ({ status: 'failed', error }));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** `broker.dir` is absolute. A lane is a topic. */
export function openLogSink(
  broker: LogBroker,
  destination: LogDestination,
  context: SinkContext,
  platform: LogPlatform = realPlatform,
): Sink {
  const topicTemplate = compileTemplate(destination.topic, context.pipeline);
  const { directory, release } = acquireDirectory(broker.dir, {
    settings: broker,
    onRepaired: context.onRepaired ?? (() => {}),
    openFile: platform.openFile,
    now: platform.now,
  });
  let released: Promise<void> | undefined;

  const stopping = () => new BridgeError('STOPPING', `not written to ${broker.dir}: the bridge is being stopped`);
  const late = () =>
    new BridgeError('BROKER_TIMEOUT', `${broker.dir} did not take the events within ${platform.confirmMs} ms`, {
      hint: 'Look at the disk below it: a write or a sync hangs.',
    });

  return {
    maxOpenCalls,
    maxCall,
    route(envelope, feed) {
      const topic = topicTemplate.render(envelope, feed);
      checkTopicName(topic);
      return { envelope, destination: topic, address: { topic }, lane: topic, bytes: approximateBytes(envelope) };
    },
    check(feeds, signal) {
      const hung: Finding = { severity: 'error', subject: broker.dir, code: 'BROKER_TIMEOUT', message: late().message };
      const checked = checkLog(broker, context.brokerName, directory, topicTemplate, feeds);
      return Promise.race([checked, aborted(signal).then(() => [hung])]);
    },
    async publish(items, signal) {
      if (released !== undefined || signal.aborted) return failAll(items, stopping());
      const appends: Append[] = [];
      const abandon = (error: BridgeError) => {
        for (const append of appends) append.abandon(error);
      };
      const onAbort = () => abandon(stopping());
      const timer = setTimeout(() => abandon(late()), platform.confirmMs);
      signal.addEventListener('abort', onAbort, { once: true });
      const deliveries: Delivery[] = [];
      await Promise.all(
        Array.from(byTopic(items), async ([topic, { lines, indexes }]) => {
          const append = directory.topic(topic).append(lines);
          appends.push(append);
          const outcome = await append.outcome;
          indexes.forEach((index, line) => {
            deliveries[index] =
              outcome.status === 'written'
                ? { status: 'confirmed', receipt: { topic, offset: outcome.firstOffset + line } }
                : outcome;
          });
        }),
      );
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      return deliveries;
    },
    [Symbol.asyncDispose]() {
      released ??= release();
      return released;
    },
  };
}

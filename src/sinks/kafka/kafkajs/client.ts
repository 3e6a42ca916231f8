import { BridgeError } from '../../../core/errors.ts';
import { type Answer, type KafkaClient, type Partitions, partitionName } from '../client.ts';
import type { KafkaBroker, KafkaDestination } from '../config.ts';
import { isConnectionFailure } from '../connection-failure.ts';
import type { Tokens } from '../tokens.ts';
import { askPartitions } from './ask-partitions.ts';
import { describeTopics } from './describe.ts';
import type { Access } from './open-kafka.ts';
import { openSession, type Session } from './session.ts';

/** How long a number of partitions is believed. */
const believedMs = 30_000;

/** kafkajs behind our border: a plain producer, thrown away after anything but success. */
export function createKafkajsClient(
  broker: KafkaBroker,
  destination: KafkaDestination,
  brokerName: string,
  tokens?: Tokens,
): KafkaClient {
  const access: Access = { broker, brokerName, tokens };
  /** Number of the bootstrap server to begin with: another one each time. */
  let seed = 0;
  let session: Session | undefined;
  const counts = new Map<string, { readonly partitions: number; readonly until: number }>();
  const closing = new Set<Promise<void>>();

  function drop() {
    counts.clear();
    if (!session) return;
    const done = session.close().finally(() => closing.delete(done));
    closing.add(done);
    session = undefined;
  }

  async function connected(topics: readonly string[], signal: AbortSignal): Promise<Session | BridgeError> {
    for (let attempt = 1; ; attempt++) {
      session ??= openSession(access, destination, seed++);
      const current = session;
      try {
        await current.prepare(topics, signal);
        return current;
      } catch (error) {
        drop();
        const failure = error as BridgeError;
        const elsewhere = isConnectionFailure(failure) && failure.code !== 'BROKER_AUTH_REFUSED';
        if (elsewhere && attempt < broker.bootstrap.length && !signal.aborted) continue;
        // It may be about one of many topics, and does not say which.
        return isConnectionFailure(failure)
          ? failure
          : new BridgeError('BROKER_UNAVAILABLE', failure.message, { cause: failure.cause });
      }
    }
  }

  return {
    async partitions(topics, signal): Promise<Partitions | BridgeError> {
      const now = performance.now();
      const unknown = topics.filter((topic) => (counts.get(topic)?.until ?? 0) <= now);
      if (unknown.length === 0 && topics.length > 0) return known();
      const found = await askPartitions(unknown, access, seed++, signal);
      if (found instanceof BridgeError) return found;
      for (const [topic, partitions] of found) {
        if (typeof partitions === 'number') counts.set(topic, { partitions, until: now + believedMs });
      }
      return new Map([...known(), ...found]);

      function known(): Map<string, number> {
        return new Map(
          topics.flatMap((topic) => {
            const partitions = counts.get(topic)?.partitions;
            return partitions === undefined ? [] : [[topic, partitions] as const];
          }),
        );
      }
    },

    describe: (topics, signal) => describeTopics(topics, access, seed++, signal),

    async send(records, signal) {
      const runs = Map.groupBy(records, ({ topic, partition }) => partitionName(topic, partition));
      const current = await connected([...new Set(records.map(({ topic }) => topic))], signal);
      if (current instanceof BridgeError) {
        const refused: Answer = { status: 'refused', error: current };
        return new Map(runs.keys().map((name) => [name, refused]));
      }
      // A request for each partition: of one for many, the library hides all answers behind the first refusal.
      const answers = await Promise.all(
        Array.from(runs, async ([name, own]) => [name, await current.send(own, signal)] as const),
      );
      if (answers.some(([, { status }]) => status !== 'written')) drop();
      return new Map(answers);
    },

    async close() {
      drop();
      await Promise.all(closing);
    },
  };
}

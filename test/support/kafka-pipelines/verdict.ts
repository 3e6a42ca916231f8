import { type FenergoFeed, feedNames } from '../../../connectors/fenergo/feeds.ts';
import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import type { Upstream } from '../bridge/upstream.ts';
import { judgeByAppendTimes } from '../judge/append-times.ts';
import { innocent } from '../judge/innocent.ts';
import { judge, type Verdict } from '../judge/judge.ts';
import { tally } from '../judge/tally.ts';
import { readTopic } from '../kafka/read-topic.ts';
import type { Client } from './kafka-daemon.ts';

export interface Drained {
  readonly upstream: Upstream;
  readonly bootstrap: string;
  /** Under test: the other one reads back. */
  readonly client: Client;
  /** Where a feed goes. Topics have `message.timestamp.type=LogAppendTime`. */
  readonly topicOf: (feed: FenergoFeed) => string;
  readonly feeds?: readonly FenergoFeed[];
  /** What was set aside, which is not lost. */
  readonly deadLetters?: readonly DeadLetter[];
  /** Names, `feed/id`, of what went with a topic that its operator deleted. */
  readonly deleted?: ReadonlySet<string>;
}

/** Settings of topics that tell when they got what. */
export const timed = { 'message.timestamp.type': 'LogAppendTime' } as const;

/** Reads everything back with another client, prints what was measured, and judges it. */
export async function verdictOn(what: string, drained: Drained): Promise<Verdict> {
  const reader = drained.client === 'kafkajs' ? 'platformatic' : 'kafkajs';
  const { upstream, bootstrap, topicOf, feeds = feedNames, deadLetters = [], deleted = new Set() } = drained;
  const found = await Promise.all(
    feeds.map(async (feed) => {
      const records = await readTopic(bootstrap, topicOf(feed), reader);
      return records.map(({ value, timestamp }) => {
        const { id } = JSON.parse(value.toString()) as { id: string };
        return { feed, id, bytes: value, appendedAt: timestamp };
      });
    }),
  );
  const stored = found.flat();
  const elsewhere = new Set([...deleted, ...deadLetters.map(nameOf)]);
  const isJudged = ({ feed }: { readonly feed: string }) => feeds.some((name) => name === feed);
  const batches = upstream.simulator
    .ledger()
    .filter(isJudged)
    .map((batch) => ({
      ...batch,
      eventIds: batch.eventIds.filter((id) => !elsewhere.has(`${batch.feed}/${id}`)),
    }));
  const completes = judgeByAppendTimes(upstream.completes.filter(isJudged), batches, stored);
  const evidence = { batches, completes, stored };
  const verdict = judge(evidence);
  console.log(tally(`${drained.client}, ${what}`, evidence, verdict));
  return verdict;
}

function nameOf({ feed, record }: DeadLetter): string {
  const { id } = JSON.parse(Buffer.from(record.bytes).toString()) as { id: string };
  return `${feed.split('/')[1]}/${id}`;
}

/** What the verdict has to be: nothing broken, and nothing twice. */
export const spotless: Verdict = { ...innocent, doubled: [] };

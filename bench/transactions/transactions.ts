import { createEnvelope, encodeStructured } from '../../src/core/envelope.ts';
import type { Routed, Sink } from '../../src/core/sink.ts';
import { createTransactionTopics, openTransactionalSink } from '../../test/support/kafka/transactional-sink.ts';
import { startBenchBroker } from '../support/kafka-broker.ts';
import { saveResult } from '../support/results.ts';
import { median, spread } from '../support/statistics.ts';
import { markdownTable } from '../support/table.ts';

export interface TransactionsOptions {
  /** That each promise is driven in a round. */
  readonly seconds: number;
  readonly rounds: number;
}

type Promised = 'at-least-once' | 'exactly-once';

const feed = 'bench/feed';
const eventBytes = 1_024;
const batchSizes = [10, 100] as const;
const { signal } = new AbortController();

function makeEvent(index: number) {
  const attributes = {
    specversion: '1.0' as const,
    id: String(index),
    source: '/bench/transactions',
    type: 'com.example.measured',
    datacontenttype: 'application/json',
    partitionkey: 'feed',
  };
  const withData = (data: string) => createEnvelope(attributes, { kind: 'json', bytes: Buffer.from(data) });
  return withData(JSON.stringify('x'.repeat(eventBytes - encodeStructured(withData('""')).length)));
}

/** Batches a second, one after the other, as a feed that is polled has them. */
async function drive(send: (turn: number) => Promise<void>, seconds: number): Promise<number> {
  const started = performance.now();
  let batches = 0;
  while (performance.now() < started + seconds * 1_000) await send(batches++);
  return (batches * 1_000) / (performance.now() - started);
}

async function confirmAll(sink: Sink, items: readonly Routed[]): Promise<void> {
  const deliveries = await sink.publish(items, signal);
  for (const delivery of deliveries) if (delivery.status !== 'confirmed') throw delivery.error;
}

/** A feed's batches with each promise, in turns: medians, and what exactly-once costs. */
export async function benchTransactions({ seconds, rounds }: TransactionsOptions): Promise<void> {
  await using broker = await startBenchBroker();
  const topics = await createTransactionTopics(broker.bootstrap, 1);
  await using sink = await openTransactionalSink(broker.bootstrap, topics, { broker: { confirmTimeout: '10s' } });
  await using writer = await sink.openWriter(feed, signal);
  const rows = [];
  for (const size of batchSizes) {
    const items = Array.from({ length: size }, (_, index) => sink.route(makeEvent(index), feed));
    const ways: Record<Promised, (turn: number) => Promise<void>> = {
      'at-least-once': () => confirmAll(sink, items),
      async 'exactly-once'(turn) {
        const outcome = await writer.publish(items, `mark ${turn}`, signal);
        if (outcome.status !== 'committed') throw outcome.error;
      },
    };
    const found: Record<Promised, number[]> = { 'at-least-once': [], 'exactly-once': [] };
    for (let round = 0; round <= rounds; round++) {
      for (const [name, send] of Object.entries(ways)) {
        const speed = await drive(send, seconds);
        // The first round warms up.
        if (round > 0) found[name as Promised].push(speed);
      }
    }
    const plain = median(found['at-least-once']);
    const once = median(found['exactly-once']);
    rows.push({
      events: size,
      atLeastOnce: { batchesPerSecond: plain, spread: spread(found['at-least-once']) },
      exactlyOnce: { batchesPerSecond: once, spread: spread(found['exactly-once']) },
      ratio: once / plain,
    });
  }
  await saveResult('transactions-kafka', { benchmark: 'transactions-kafka', eventBytes, seconds, rounds, cases: rows });
  const cells = rows.map(({ events, atLeastOnce, exactlyOnce, ratio }) => [
    String(events),
    atLeastOnce.batchesPerSecond.toFixed(0),
    exactlyOnce.batchesPerSecond.toFixed(0),
    (exactlyOnce.batchesPerSecond * events).toFixed(0),
    ratio.toFixed(2),
  ]);
  const head = ['events a batch', 'at least once, batches/s', 'transactions/s', 'events/s in transactions', 'ratio'];
  console.log(markdownTable(head, cells));
}

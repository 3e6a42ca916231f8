import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { lookUpAt } from '../../../src/sinks/kafka/look-up.ts';
import { openKafkaReader } from '../../../src/sinks/kafka/reader.ts';
import { seenEvent } from '../../../src/sinks/kafka/seen-event.ts';
import type { PartitionView, TopicReader } from '../../../src/sinks/kafka/topic-reader.ts';

const source = '/fenergo/journey';
const { signal } = new AbortController();

interface Partition {
  readonly start?: number;
  readonly decided?: number;
  readonly end: number;
  /** What is committed, by offset. */
  readonly ids: Readonly<Record<number, string>>;
}

/** A partition that gives so many offsets at once. */
function viewOf({ start = 0, end, decided = end, ids }: Partition, piece = 3) {
  const reads: number[] = [];
  const view: PartitionView = {
    start: async () => start,
    decided: async () => decided,
    end: async () => end,
    async read(from) {
      reads.push(from);
      const next = Math.min(decided, from + piece);
      const offsets = Array.from({ length: next - from }, (_, at) => from + at);
      const events = offsets.flatMap((offset) =>
        ids[offset] === undefined ? [] : [{ offset, seen: { id: ids[offset], source } }],
      );
      return { events, next: next > from ? next : undefined };
    },
  };
  return { view, reads };
}

function look(partition: Partition, wanted: readonly (readonly [string, number])[], compacted = false) {
  const { view, reads } = viewOf(partition);
  const all = wanted.map(([id, offset]) => ({ event: { source, id, receipt: {} }, offset }));
  const found = lookUpAt(all, { view, isCompacted: async () => compacted, patienceMs: 0, signal });
  return { found, reads };
}

describe('looking at offsets of a partition', () => {
  it('finds all in one pass, and leaps over what nobody asks for', async () => {
    const ids = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [at, `id-${at}`]));
    const wanted = [90, 3, 4, 5, 91, 4].map((offset) => [`id-${offset}`, offset] as const);
    const { found, reads } = look({ end: 100, ids }, wanted);
    expect(await found).toEqual(wanted.map(() => ({ status: 'found' })));
    expect(reads).toEqual([3, 90]);
  });

  it('tells another event, nothing, what is no longer kept, and what lies beyond the end', async () => {
    const { found } = look({ start: 5, end: 9, ids: { 5: 'a', 6: 'b', 8: 'd' } }, [
      ['x', 5],
      ['c', 7],
      ['z', 4],
      ['e', 9],
    ]);
    expect(await found).toEqual([
      { status: 'different', detail: `there is event a of ${source}` },
      { status: 'missing', detail: 'nothing that is committed is there' },
      { status: 'expired' },
      { status: 'missing', detail: 'the partition ends at 9' },
    ]);
  });

  it('does not call lost what compaction may have removed', async () => {
    expect(await look({ end: 9, ids: {} }, [['c', 7]], true).found).toEqual([{ status: 'expired' }]);
  });

  it('does not call lost what an open transaction hides', async () => {
    const { found } = look({ decided: 6, end: 9, ids: { 5: 'a' } }, [
      ['a', 5],
      ['b', 6],
    ]);
    expect(await found).toMatchObject([{ status: 'found' }, { status: 'unclear' }]);
  });

  it('waits a while for open transactions to end', async () => {
    const { view } = viewOf({ end: 9, ids: { 7: 'a' } });
    let asked = 0;
    const slow = { ...view, decided: async () => (++asked < 3 ? 2 : 9) };
    const wanted = [{ event: { source, id: 'a', receipt: {} }, offset: 7 }];
    const found = await lookUpAt(wanted, { view: slow, isCompacted: async () => false, patienceMs: 10_000, signal });
    expect(found).toEqual([{ status: 'found' }]);
  });
});

describe('a reader of Kafka', () => {
  function readerOf(partitions: Readonly<Record<string, Partition>>) {
    const reader: TopicReader = {
      async open(topic, partition) {
        const found = partitions[`${topic}/${partition}`];
        if (!found) throw new BridgeError('DESTINATION_MISSING', `there is no ${topic}/${partition}`);
        return viewOf(found).view;
      },
      isCompacted: async () => false,
      close: async () => {},
    };
    return openKafkaReader({ brokerName: 'kafka', reader, readMs: 5_000, patienceMs: 0 });
  }
  const at = (id: string, topic: string, partition: number, offset: number) => ({
    source,
    id,
    receipt: { topic, partition, offset },
  });

  it('looks at each partition, and gives its answers in the order of the questions', async () => {
    const reader = readerOf({ 't/0': { end: 2, ids: { 0: 'a', 1: 'b' } }, 't/1': { end: 1, ids: { 0: 'c' } } });
    const found = await reader.lookUp([at('b', 't', 0, 1), at('x', 't', 1, 0), at('a', 't', 0, 0)], signal);
    expect(found.map(({ status }) => status)).toEqual(['found', 'different', 'found']);
  });

  it('says that a topic is missing, and looks at the others all the same', async () => {
    const reader = readerOf({ 't/0': { end: 1, ids: { 0: 'a' } } });
    expect(await reader.lookUp([at('x', 'gone', 0, 0), at('a', 't', 0, 0)], signal)).toEqual([
      { status: 'missing', detail: 'there is no gone/0' },
      { status: 'found' },
    ]);
  });

  it('does not take the receipt of another kind of broker for one of its own', async () => {
    const receipt = { topic: 't', offset: 0 };
    expect(await readerOf({}).lookUp([{ source, id: 'a', receipt }], signal)).toMatchObject([{ status: 'unclear' }]);
  });

  it('ends when the time is over', async () => {
    const reader: TopicReader = {
      open: (_topic, _partition, bounded) =>
        new Promise((_, reject) => bounded.addEventListener('abort', () => reject(bounded.reason))),
      isCompacted: async () => false,
      close: async () => {},
    };
    const looking = openKafkaReader({ brokerName: 'kafka', reader, readMs: 20 }).lookUp([at('a', 't', 0, 0)], signal);
    await expect(looking).rejects.toMatchObject({ code: 'BROKER_TIMEOUT' });
  });
});

describe('an event on Kafka', () => {
  const header = (name: string, value: string) => [Buffer.from(name), Buffer.from(value)] as const;

  it('is seen in both modes', () => {
    const value = Buffer.from(JSON.stringify({ id: 'a', source }));
    const structured = [header('content-type', 'application/cloudevents+json; charset=UTF-8')];
    expect(seenEvent({ value, headers: structured })).toEqual({ id: 'a', source });
    const binary = [header('content-type', 'application/json'), header('ce_id', 'a'), header('ce_source', source)];
    expect(seenEvent({ value: null, headers: binary })).toEqual({ id: 'a', source });
  });

  it('is not seen in what is none', () => {
    const structured = [header('content-type', 'application/cloudevents+json')];
    for (const value of [null, Buffer.from('{'), Buffer.from('7')]) {
      expect(seenEvent({ value, headers: structured })).toBeUndefined();
      expect(seenEvent({ value, headers: [] })).toBeUndefined();
    }
  });
});

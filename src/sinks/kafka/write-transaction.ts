import { BridgeError } from '../../core/errors.ts';
import type { Receipt, Routed } from '../../core/sink.ts';
import { type Answer, type KafkaRecord, partitionName } from './client.ts';
import type { Mode } from './config.ts';
import { encode } from './encode.ts';
import { partitionOf } from './partition.ts';
import { refusedAlone } from './publish.ts';
import type { TransactionalClient } from './transactional-client.ts';

/** What all transactions of a writer have in common. */
export interface Writing {
  readonly client: TransactionalClient;
  readonly mode: Mode;
  /** Most of one request. */
  readonly maxCall: { readonly events: number; readonly bytes: number };
}

/** `refused`: the item at `index` is poison, and the transaction is still open. */
export type Written =
  | { readonly status: 'written'; readonly receipts: readonly Receipt[] }
  | { readonly status: 'refused'; readonly index: number; readonly error: BridgeError };

const unanswered: Answer = {
  status: 'unknown',
  error: new BridgeError('BROKER_UNAVAILABLE', 'the broker gave no answer for the partition'),
};

/**
 * Writes items, in order, and then the mark within an open transaction. Rejects with a BridgeError of any other kind than
 * poison.
 */
export async function writeTransaction(
  { client, mode, maxCall }: Writing,
  items: readonly Routed[],
  mark: KafkaRecord,
  signal: AbortSignal,
): Promise<Written> {
  const receipts: Receipt[] = new Array(items.length);

  async function recordsOf(): Promise<readonly KafkaRecord[]> {
    const names = [...new Set(items.map(({ destination }) => destination))];
    const counts = names.length === 0 ? new Map() : await client.partitions(names, signal);
    if (counts instanceof BridgeError) throw counts;
    return items.map(({ envelope, destination: topic }) => {
      const count: number | BridgeError | undefined = counts.get(topic);
      if (count === undefined) throw new BridgeError('BROKER_UNAVAILABLE', `topic ${topic} is not known`);
      if (count instanceof BridgeError) throw count;
      const encoded = encode(envelope, mode);
      return { topic, partition: partitionOf(encoded.key, count), ...encoded };
    });
  }

  /** Gives the first one that is refused by itself. What is refused together with others is halved and sent again. */
  async function send(positions: readonly number[], records: readonly KafkaRecord[], also: readonly KafkaRecord[]) {
    const nameAt = (at: number) => partitionName(records[at]?.topic ?? '', records[at]?.partition ?? 0);
    const own = positions.flatMap((at) => records[at] ?? []);
    const answers = await client.send([...own, ...also], signal);
    for (const { topic, partition } of also) {
      const answer = answers.get(partitionName(topic, partition)) ?? unanswered;
      if (answer.status !== 'written') throw markRefused(answer.error, topic);
    }
    for (const [name, run] of Map.groupBy(positions, nameAt)) {
      const answer = answers.get(name) ?? unanswered;
      if (answer.status === 'written') {
        run.forEach((at, index) => {
          const { topic = '', partition = 0 } = records[at] ?? {};
          receipts[at] = { topic, partition, offset: Number(answer.firstOffset) + index };
        });
        continue;
      }
      if (answer.error.disposition !== 'poison') throw believable(answer.error);
      const refused = await halve(run, records, answer.error);
      if (refused) return refused;
    }
    return undefined;
  }

  async function halve(
    run: readonly number[],
    records: readonly KafkaRecord[],
    error: BridgeError,
  ): Promise<(Written & { status: 'refused' }) | undefined> {
    const [index = 0] = run;
    if (run.length === 1) {
      return { status: 'refused', index, error: refusedAlone(error, items[index], records[index]) };
    }
    const middle = Math.ceil(run.length / 2);
    return (await send(run.slice(0, middle), records, [])) ?? (await send(run.slice(middle), records, []));
  }

  const records = await recordsOf();
  const portions = cut(items, maxCall);
  for (const [at, portion] of portions.entries()) {
    const refused = await send(portion, records, at === portions.length - 1 ? [mark] : []);
    if (refused) return refused;
  }
  return { status: 'written', receipts };
}

/** Positions, in portions that fit in one request each; one at least. */
function cut(items: readonly Routed[], { events, bytes }: Writing['maxCall']): readonly (readonly number[])[] {
  let portion: number[] = [];
  let size = 0;
  const portions = [portion];
  items.forEach((item, at) => {
    if (portion.length > 0 && (portion.length === events || size + item.bytes > bytes)) {
      portion = [];
      size = 0;
      portions.push(portion);
    }
    portion.push(at);
    size += item.bytes;
  });
  return portions;
}

/** A leader that does not know its topic may only be a little behind: it was there a moment ago. */
function believable(error: BridgeError): BridgeError {
  return error.code === 'DESTINATION_MISSING' ? new BridgeError('BROKER_UNAVAILABLE', error.message) : error;
}

/** It is no event, and so no poison. */
function markRefused(error: BridgeError, topic: string): BridgeError {
  if (error.disposition !== 'poison') return believable(error);
  return new BridgeError('DESTINATION_UNWRITABLE', `topic ${topic} takes no mark: ${error.message}`);
}

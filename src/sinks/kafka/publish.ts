import { setTimeout as delay } from 'node:timers/promises';
import { BridgeError } from '../../core/errors.ts';
import type { Delivery, Routed } from '../../core/sink.ts';
import { type Answer, type KafkaRecord, type KafkaSender, type Partitions, partitionName } from './client.ts';
import type { Mode } from './config.ts';
import { encode } from './encode.ts';
import { partitionOf } from './partition.ts';

/** What goes to one partition, in order: one record batch on the wire, taken or refused as a whole. */
interface Run {
  readonly topic: string;
  readonly partition: number;
  /** Positions in the call. */
  readonly items: readonly number[];
}

/** How long a topic may be missing before that is believed: one just created is not known everywhere at once. */
const settleMs = 300;

const unanswered: Answer = {
  status: 'unknown',
  error: new BridgeError('BROKER_UNAVAILABLE', 'the broker gave no answer for the partition'),
};
const heldBack = new BridgeError('NOT_SENT', 'an earlier event of its partition is still open');

/** One call to `publish` of the sink: see there for what it promises. `signal` carries the deadline too. */
export async function publish(
  client: KafkaSender,
  mode: Mode,
  items: readonly Routed[],
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = new Array(items.length);

  function fail(positions: readonly number[], error: BridgeError) {
    for (const at of positions) deliveries[at] = { status: 'failed', error };
  }

  /** Sends the items of the topics that can be sent to; gives those of the topics that seem to be missing. */
  async function publishTo(positions: readonly number[]): Promise<readonly number[]> {
    const topics = new Set(positions.map((at) => items[at]?.destination ?? ''));
    const counts: Partitions | BridgeError = signal.aborted
      ? signal.reason
      : await client.partitions([...topics], signal);
    if (counts instanceof BridgeError) {
      fail(positions, counts);
      return [];
    }
    const records = new Map<number, KafkaRecord>();
    const runs = new Map<string, Run & { readonly items: number[] }>();
    const missing: number[] = [];
    for (const at of positions) {
      const item = items[at];
      const count = counts.get(item?.destination ?? '');
      if (!item || count === undefined) continue;
      if (count instanceof BridgeError) {
        if (count.code === 'DESTINATION_MISSING') missing.push(at);
        deliveries[at] = { status: 'failed', error: count };
        continue;
      }
      const encoded = encode(item.envelope, mode);
      const partition = partitionOf(encoded.key, count);
      records.set(at, { topic: item.destination, partition, ...encoded });
      const name = partitionName(item.destination, partition);
      const run = runs.get(name);
      if (run) run.items.push(at);
      else runs.set(name, { topic: item.destination, partition, items: [at] });
    }
    await send([...runs.values()], records);
    return missing;
  }

  async function send(runs: readonly Run[], records: ReadonlyMap<number, KafkaRecord>): Promise<void> {
    const wanted = runs.flatMap((run) => run.items);
    if (wanted.length === 0) return;
    if (signal.aborted) return fail(wanted, signal.reason);
    const answers = await client.send(
      wanted.flatMap((at) => records.get(at) ?? []),
      signal,
    );
    for (const run of runs) {
      const answer = answers.get(partitionName(run.topic, run.partition)) ?? unanswered;
      const poison = answer.status === 'refused' && answer.error.disposition === 'poison';
      if (poison) await bisect(run, answer.error, records);
      else deliver(run, answer);
    }
  }

  function deliver({ topic, partition, items: positions }: Run, answer: Answer) {
    positions.forEach((at, index) => {
      deliveries[at] =
        answer.status === 'written'
          ? { status: 'confirmed', receipt: { topic, partition, offset: Number(answer.firstOffset) + index } }
          : { status: answer.status === 'refused' ? 'failed' : 'unknown', error: answer.error };
    });
  }

  /** A refusal can be the fault of one record among many, or of their sum: it is poison only when refused alone. */
  async function bisect(run: Run, error: BridgeError, records: ReadonlyMap<number, KafkaRecord>) {
    const [first = 0] = run.items;
    if (run.items.length === 1) return fail(run.items, refusedAlone(error, items[first], records.get(first)));
    const middle = Math.ceil(run.items.length / 2);
    let open = false;
    for (const half of [run.items.slice(0, middle), run.items.slice(middle)]) {
      if (open) return fail(half, heldBack);
      await send([{ ...run, items: half }], records);
      open = half.some((at) => isOpen(deliveries[at]));
    }
  }

  const missing = await publishTo(items.map((_, at) => at));
  if (missing.length > 0 && !signal.aborted) {
    await delay(settleMs, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await publishTo(missing);
  }
  return deliveries;
}

function isOpen(delivery: Delivery | undefined): boolean {
  return delivery?.status !== 'confirmed' && delivery?.error.disposition !== 'poison';
}

/** Says of a refused event which it is and how large. */
export function refusedAlone(
  error: BridgeError,
  item: Routed | undefined,
  record: KafkaRecord | undefined,
): BridgeError {
  const { id = '' } = item?.envelope.attributes ?? {};
  return new BridgeError(error.code, `event ${id} of ${record?.value.length ?? 0} bytes: ${error.message}`, {
    cause: error.cause,
    ...(error.code === 'EVENT_TOO_LARGE' && { hint: 'The limit is `max.message.bytes` of the topic.' }),
  });
}

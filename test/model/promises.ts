import type { Batch } from '../../src/core/batch.ts';
import type { DeadLetter } from '../../src/core/dead-letter.ts';
import type { Delivery, Routed } from '../../src/core/sink.ts';
import type { BatchKey } from '../../src/core/state.ts';
import { inFlightBound } from '../../src/pipeline/feed-runner.ts';
import { idOf } from './history.ts';
import type { Held } from './upstream.ts';

/** Watches the bridge at its ends, and says where it broke a promise. */
export interface Promises {
  readonly breaches: readonly string[];
  /** Records that are durably set aside, by body. */
  readonly setAside: ReadonlySet<string>;
  breach(what: string): void;
  /** A batch was taken; gives one that is watched. */
  taken(batch: Batch, feed: number): Batch;
  /** Events go to a destination; its answer is to be told to what this gives. */
  sending(items: readonly Routed[], destination: number): (deliveries: readonly Delivery[]) => void;
  /** The ledger is asked to note that a batch is published. */
  entering(key: BatchKey, feed: number): Held | undefined;
  entered(batch: Held | undefined): void;
  /** The ledger is asked to note that one destination is done with a batch. */
  enteringPart(key: BatchKey, feed: number, destination: number): Held | undefined;
  enteredPart(batch: Held | undefined, destination: number): void;
  aside(letters: readonly DeadLetter[]): void;
  /** Letters are released or discarded, durably. */
  closed(ids: readonly string[]): void;
  /** An operator releases a key; to be told when that is over. */
  releasing(feed: number, key: string): () => void;
  /** Upstream is about to be told that a batch is safe. */
  acknowledging(batch: Held): void;
  /** What the process remembered is gone. `killed`: in the midst of its work. */
  over(killed: boolean): void;
}

/** Nobody is left alone for longer, whatever he asks. */
const longestRestMs = 15 * 60_000;

/** From taking a batch to its ack or nack. */
interface Life {
  readonly bytes: number;
  /** Events whose last word from a destination has come; as `sentTo` names them. */
  readonly ended: Set<string>;
  /** When events may be sent again at the earliest that the broker wanted to be left alone with. */
  readonly restUntil: Map<string, number>;
}

/** An event at one of the destinations. */
function sentTo(destination: number, id: string): string {
  return `${destination} ${id}`;
}

export function watchPromises(held: readonly Held[], destinations: number): Promises {
  const breaches: string[] = [];
  const setAside = new Set<string>();
  /** What the brokers have confirmed; as `sentTo` names it. */
  const confirmed = new Set<string>();
  /** What is parked at a destination, by letter; as `sentTo` names it. */
  const parked = new Map<string, string>();
  const wasClosed = new Set<string>();
  /** Keys that are released right now: `0 a`. */
  const released: string[] = [];
  const lives = new Map<Held, Life>();
  const published = new Set<Held>();
  /** The process knows that these are published, or should. */
  let remembered = new Set<Held>();
  /** The same of single destinations. */
  const publishedAt = Array.from({ length: destinations }, () => new Set<Held>());
  let rememberedAt = publishedAt.map(() => new Set<Held>());
  const byKey = new Map<string, Held>();
  const byId = new Map(held.flatMap((batch) => batch.bodies.map((body) => [idOf(body), batch] as const)));
  const isKnown = (batch: Held) => published.has(batch) || remembered.has(batch);
  const isKnownAt = (batch: Held, at: number) => publishedAt[at]?.has(batch) || rememberedAt[at]?.has(batch);
  const isEverywhere = (id: string) => publishedAt.every((_, at) => confirmed.has(sentTo(at, id)));

  function breach(what: string) {
    breaches.push(what);
  }

  function find(batch: Batch, feed: number): Held | undefined {
    const bodies = batch.records.map(({ bytes }) => Buffer.from(bytes).toString()).join(' ');
    const id = batch.upstreamId ?? batch.position;
    return held.find((one) => one.feed === feed && one.id === id && one.bodies.join(' ') === bodies);
  }

  function begin(batch: Held, bytes: number) {
    const others = [...lives].filter(([{ feed }]) => feed === batch.feed);
    const weight = others.reduce((sum, [, life]) => sum + life.bytes, 0);
    if (others.length > 1 && weight > inFlightBound.bytes)
      breach(`${others.length} batches of ${weight} bytes in flight`);
    if (lives.has(batch)) breach(`${batch.id} was taken twice`);
    lives.set(batch, { bytes, ended: new Set(), restUntil: new Map() });
  }

  function known({ batchId, digest }: BatchKey, feed: number): Held | undefined {
    const key = JSON.stringify([feed, batchId, digest]);
    const batch = byKey.get(key) ?? [...lives.keys()].find((one) => one.feed === feed && one.id === batchId);
    if (batch) byKey.set(key, batch);
    else breach(`the ledger was told of ${batchId}, which nobody has`);
    return batch;
  }

  return {
    breaches,
    setAside,
    breach,
    taken(batch, feed) {
      const one = find(batch, feed);
      if (!one) {
        breach(`upstream has no such batch as ${batch.upstreamId}`);
        return batch;
      }
      begin(one, batch.bytes);
      let words = 0;
      const say = (word: string) => {
        if (++words > 1) breach(`${word} is the second word on ${one.id}`);
      };
      return {
        ...batch,
        ack(signal) {
          say('ack');
          const acked = batch.ack(signal).finally(() => lives.delete(one));
          return acked.then(() => {
            // Its place is what the cursor says.
            if (!one.hasLedger) published.add(one);
          });
        },
        nack(error) {
          say('nack');
          lives.delete(one);
          return batch.nack(error);
        },
      };
    },
    sending(items, destination) {
      const sent = items.map(({ envelope }) => {
        const { id } = envelope.attributes;
        const name = sentTo(destination, id);
        const batch = byId.get(id);
        const life = batch && lives.get(batch);
        const waits = [...parked.values()].includes(name);
        const isReleased = released.includes(`${batch?.feed} ${envelope.attributes.partitionkey}`);
        if (waits && !isReleased) breach(`${id} was sent, though it is parked`);
        if (isReleased) return { name, life: undefined };
        if (!batch || !life) breach(`${id} was sent, but nobody has its batch`);
        else if (life.ended.has(name)) breach(`${id} was sent again after the last word on it`);
        else if ((life.restUntil.get(name) ?? 0) > performance.now()) breach(`${id} was sent again before it was time`);
        else if (isKnown(batch) || isKnownAt(batch, destination))
          breach(`${id} was sent again though its batch is known to be published`);
        return { name, life };
      });
      return (deliveries) => {
        sent.forEach(({ name, life }, at) => {
          const delivery = deliveries[at];
          if (delivery?.status === 'confirmed') confirmed.add(name);
          const asked = delivery && 'error' in delivery ? (delivery.error.retryAfterMs ?? 0) : 0;
          if (asked > 0) life?.restUntil.set(name, performance.now() + Math.min(asked, longestRestMs));
          // Of the time when it was sent: a batch that was given back meanwhile begins anew.
          if (delivery?.status === 'confirmed' || delivery?.error.disposition === 'poison') life?.ended.add(name);
        });
      };
    },
    entering(key, feed) {
      const batch = known(key, feed);
      if (batch) remembered.add(batch);
      return batch;
    },
    enteringPart(key, feed, destination) {
      const batch = known(key, feed);
      if (batch) rememberedAt[destination]?.add(batch);
      return batch;
    },
    enteredPart(batch, destination) {
      if (batch) publishedAt[destination]?.add(batch);
    },
    entered(batch) {
      if (batch) published.add(batch);
    },
    aside(letters) {
      for (const { id, record, status, destination } of letters) {
        const body = Buffer.from(record.bytes).toString();
        setAside.add(body);
        if (status === 'parked' && !wasClosed.has(id)) parked.set(id, sentTo(Number(destination), idOf(body)));
      }
    },
    closed(ids) {
      for (const id of ids) {
        parked.delete(id);
        wasClosed.add(id);
      }
    },
    releasing(feed, key) {
      const name = `${feed} ${key}`;
      released.push(name);
      return () => void released.splice(released.indexOf(name), 1);
    },
    acknowledging(batch) {
      for (const body of batch.bodies) {
        const isSafe = body.startsWith('-') || isEverywhere(idOf(body)) || setAside.has(body);
        if (!isSafe) breach(`${batch.id} was acknowledged before ${body} was safe`);
      }
      if (batch.inOrder) {
        const before = held.slice(0, held.indexOf(batch)).find(({ feed, done }) => feed === batch.feed && !done);
        if (before) breach(`${batch.id} was acknowledged before ${before.id}`);
      }
      if (batch.hasLedger && !isKnown(batch)) breach(`${batch.id} was acknowledged before it was in the ledger`);
    },
    over(killed) {
      if (!killed) for (const { id } of lives.keys()) breach(`${id} was neither acked nor nacked`);
      lives.clear();
      released.length = 0;
      remembered = new Set();
      rememberedAt = publishedAt.map(() => new Set());
    },
  };
}

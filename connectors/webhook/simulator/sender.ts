import { setTimeout as wait } from 'node:timers/promises';
import { dice } from '../../fenergo/simulator/mix.ts';
import { createLedger, isSuccess, type OpenDelivery } from './ledger.ts';
import type { Delivery, FaultName, SenderOptions, SenderStats, SentDelivery } from './options.ts';
import { type Answer, createPoster, type Manner } from './post.ts';
import { forged, isDated, isProof, type Sign } from './sign.ts';

/** Sends, and sends again, until every delivery is answered with success or given up. */
export interface Sender extends AsyncDisposable {
  /** Resolves when nothing is left to do, or it was stopped. Never rejects. */
  readonly done: Promise<void>;
  /** What is under way is broken off. */
  stop(): void;
  /** In the order of sending. */
  ledger(): readonly SentDelivery[];
  stats(): SenderStats;
}

const staleS = 3_600;

/** What comes before or beside a delivery, and is never sent rightly. */
function strange(fault: 'forged' | 'unsigned' | 'stale' | 'malformed', { body, marks, ...rest }: Delivery): Delivery {
  const own = `${fault}-${marks[0]}`;
  const strangeBody = fault === 'malformed' ? `{"broken": "${own}"` : body.toString().replaceAll(marks[0] ?? '', own);
  return { ...rest, marks: [own], body: Buffer.from(strangeBody) };
}

export function startSender(options: SenderOptions): Sender {
  const { url, make, sign, seed = 1, deliveries, concurrency = 8, rate, burst = 1, faults = {} } = options;
  const { retry = { firstMs: 200, mostMs: 5_000, attempts: 50 }, timeoutMs = 15_000 } = options;
  const poster = createPoster(url, concurrency * 2, timeoutMs);
  const ledger = createLedger();
  const stopping = new AbortController();
  const { signal } = stopping;
  const lanes = new Map<string, Promise<void>>();
  const dated = isDated(sign);
  const proves = isProof(sign);

  interface Way {
    readonly fault: FaultName | null;
    readonly sign: Sign;
    readonly manner: Manner;
  }
  const rightly: Way = { fault: null, sign, manner: 'plain' };

  async function attempt(number: number, delivery: Delivery, entry: OpenDelivery, way: Way): Promise<Answer> {
    const { body, contentType } = delivery;
    const at = Math.floor(Date.now() / 1_000) - (way.fault === 'stale' ? staleS : 0);
    const proof = way.sign({ body, id: `msg-${seed}-${number}`, at });
    const sent = ledger.now();
    const headers = { 'content-type': contentType, ...proof };
    const answer = await poster.post({ headers, body, manner: way.manner }, signal);
    entry.attempt({ sent, answered: ledger.now(), status: answer.status, fault: way.fault });
    return answer;
  }

  /** Until it is answered with success. */
  async function insist(number: number, delivery: Delivery, entry: OpenDelivery, first: Way): Promise<void> {
    const roll = dice(seed ^ (number * 2_654_435_761));
    let pause = retry.firstMs;
    for (let tried = 0; tried < retry.attempts && !signal.aborted; tried++) {
      const { status, retryAfterMs } = await attempt(number, delivery, entry, tried === 0 ? first : rightly);
      if (isSuccess(status)) return;
      const asked = Math.min(retryAfterMs, retry.mostMs);
      await wait(Math.max(asked, pause * (0.5 + roll() / 2)), undefined, { signal }).catch(() => {});
      pause = Math.min(pause * 2, retry.mostMs);
    }
  }

  function strangers(number: number, delivery: Delivery, happens: (fault: FaultName) => boolean): Promise<unknown>[] {
    const forbidden = [
      { fault: 'forged', sign: forged(sign) },
      { fault: 'unsigned', sign: () => ({}) },
      { fault: 'stale', sign },
    ] as const;
    const sent: Promise<unknown>[] = [];
    for (const { fault, sign } of forbidden) {
      if (!happens(fault) || !proves || (fault === 'stale' && !dated)) continue;
      const other = strange(fault, delivery);
      sent.push(attempt(number, other, ledger.open(number, other, 'forbidden'), { fault, sign, manner: 'plain' }));
    }
    if (happens('malformed')) {
      const other = strange('malformed', delivery);
      const way = { ...rightly, fault: 'malformed' } as const;
      sent.push(insist(number, other, ledger.open(number, other, 'malformed'), way));
    }
    return sent;
  }

  async function deliver(number: number): Promise<void> {
    const delivery = make(number, seed);
    const roll = dice(seed ^ (number * 40_503 + 1));
    const happens = (fault: FaultName): boolean => roll() < (faults[fault] ?? 0);
    const entry = ledger.open(number, delivery, 'genuine');
    const manner = (['slow', 'cut', 'impatient'] as const).find((odd) => happens(odd));
    const first: Way = manner ? { fault: manner, sign, manner } : rightly;
    const others = strangers(number, delivery, happens);
    if (happens('twice')) others.push(attempt(number, delivery, entry, { ...rightly, fault: 'twice' }));
    await insist(number, delivery, entry, first);
    if (entry.isSafe() && happens('repeat')) await attempt(number, delivery, entry, { ...rightly, fault: 'repeat' });
    await Promise.all(others);
  }

  const started = Date.now();
  /** Waits for its time, and for those before it in its lane. */
  async function turn(number: number): Promise<void> {
    if (rate !== undefined) {
      const due = started + (Math.floor(number / burst) * burst * 1_000) / rate - Date.now();
      if (due > 0) await wait(due, undefined, { signal }).catch(() => {});
    }
    const { lane } = make(number, seed);
    const before = lanes.get(lane) ?? Promise.resolve();
    const own = before.then(() => (signal.aborted ? undefined : deliver(number)));
    lanes.set(lane, own);
    await own;
    if (lanes.get(lane) === own) lanes.delete(lane);
  }

  let next = 0;
  async function work(): Promise<void> {
    while (next < deliveries && !signal.aborted) await turn(next++);
  }
  const done = Promise.all(Array.from({ length: concurrency }, work)).then(() => poster[Symbol.dispose]());
  return {
    done,
    stop: () => stopping.abort(),
    ledger: ledger.list,
    stats: ledger.stats,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await done;
    },
  };
}

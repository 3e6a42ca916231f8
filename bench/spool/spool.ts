import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createDesk } from '../../src/state/spool/desk.ts';
import type { Call, FromThread, Outcome } from '../../src/state/spool/messages.ts';
import { packEntries } from '../../src/state/spool/packing.ts';
import { createSpoolThread } from '../../src/state/spool/thread.ts';
import { median } from '../support/statistics.ts';

/*
 * The spool on a thread of its own against the same code on the main thread: `node bench/spool/spool.ts [ROUNDS]`.
 * Records of 1 KiB with an id each, from 1, 64 and 512 callers that each wait for their own; appends per second, and
 * how long the main thread's event loop was held up.
 */

const rounds = Number(process.argv[2] ?? 3);
const roundMs = 2_000;
const feed = 'bench/spool';

interface Subject extends AsyncDisposable {
  append(n: number): Promise<unknown>;
}

function entriesOf(n: number) {
  const record = { bytes: new Uint8Array(1024).fill(n), mediaType: 'text/plain', headers: {}, receivedAt: new Date() };
  const identity = { source: '/bench', id: `${n}`, kind: 'event', partitionkey: 'k' } as const;
  return packEntries([{ record, batchId: 'bench', index: 0, identity }]);
}

function onThread(dir: string): Subject {
  const thread = createSpoolThread({ dir, maxBytes: 16 * 1024 ** 3 });
  return {
    append(n) {
      const { packed, buffer } = entriesOf(n);
      return thread.call<'append'>({ kind: 'append', feed, entries: packed }, [buffer]);
    },
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}

function onMain(dir: string): Subject {
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let nextId = 1;
  const desk = createDesk({ dir, maxBytes: 16 * 1024 ** 3 }, (message: FromThread) => {
    if (message.kind !== 'outcomes') return;
    for (const { id, outcome } of message.outcomes) {
      waiting.get(id)?.(outcome);
      waiting.delete(id);
    }
  });
  return {
    append: (n) =>
      new Promise((resolve) => {
        const call: Call = { kind: 'append', feed, entries: entriesOf(n).packed };
        waiting.set(nextId, resolve);
        desk.take({ kind: 'calls', calls: [{ id: nextId++, call }] });
      }),
    async [Symbol.asyncDispose]() {
      desk.take({ kind: 'close' });
    },
  };
}

async function measure(open: (dir: string) => Subject, callers: number) {
  const dir = mkdtempSync(join(tmpdir(), 'feedferry-bench-'));
  const subject = open(dir);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let done = 0;
  try {
    await subject.append(done++);
    const began = performance.now();
    delay.enable();
    await Promise.all(
      Array.from({ length: callers }, async () => {
        while (performance.now() - began < roundMs) await subject.append(done++);
      }),
    );
    delay.disable();
    const seconds = (performance.now() - began) / 1_000;
    return { perSecond: (done - 1) / seconds, p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 };
  } finally {
    await subject[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  }
}

for (const callers of [1, 64, 512]) {
  const figures = { thread: [], main: [] } as Record<'thread' | 'main', Awaited<ReturnType<typeof measure>>[]>;
  for (let round = 0; round < rounds; round += 1) {
    figures.thread.push(await measure(onThread, callers));
    figures.main.push(await measure(onMain, callers));
  }
  for (const [name, of] of Object.entries(figures)) {
    const [perSecond, p50, p99] = (['perSecond', 'p50', 'p99'] as const).map((key) =>
      median(of.map((one) => one[key])),
    );
    console.log(
      `${callers} callers, ${name}: ${perSecond?.toFixed(0)} appends/s, event loop delay p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms`,
    );
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortNumbers } from '../../test/support/free-ports.ts';
import { cpuUsOf, mainCpuUsOf, peakRssBytesOf } from '../support/proc.ts';
import { verifyStored } from '../support/verify-stored.ts';
import { runSenders } from './run-senders.ts';
import type { Case, Ground, Subject } from './subject.ts';

/** All but the peak RSS is of the measured time alone. */
export interface Figures {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUsPerRequest: number;
  /** Of these, on the main thread. */
  readonly mainCpuUsPerRequest: number;
  readonly peakRssMiB: number;
  /** NaN where it cannot be told. */
  readonly brokerCpuUsPerRequest: number;
  readonly sendersCpuUsPerRequest: number;
}

/** Enough for a fresh process to have compiled what a request needs, however slow the machine is at the moment. */
const warmUpRequests = 10_000;

/** One subject under one load for so many seconds. Throws when anything is refused, lost, doubled or out of order. */
export async function measure(
  ground: Ground,
  subject: Subject,
  what: Case,
  seconds: number,
  nodeOptions: readonly string[] = [],
): Promise<Figures> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-'));
  try {
    await using place = await ground.freshPlace();
    const { sent, figures } = await load(place.name);
    verifyStored(`${subject.name}, ${what.name}`, await subject.read(place.name), sent);
    return figures;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }

  async function load(place: string): Promise<{ readonly sent: number; readonly figures: Figures }> {
    const [port = 0] = await freePortNumbers(1);
    await using child = await subject.start({ port, place, dir, what }, nodeOptions);
    const used = () => [cpuUsOf(child.pid), mainCpuUsOf(child.pid), ground.brokerCpuUs()] as const;
    let before: readonly number[] = [];
    let after: readonly number[] = [];
    const { connections, signed } = what;
    const running = runSenders(
      { port, connections, signed, warmUpRequests, measuredMs: seconds * 1_000 },
      () => {
        before = used();
      },
      () => {
        after = used();
      },
    );
    const { sent, requests, sendersCpuUs, ...found } = await Promise.race([running, child.broken]);
    const [own = 0, main = 0, broker = 0] = after.map((us, at) => (us - (before[at] ?? 0)) / requests);
    const figures = {
      requestsPerSecond: requests / found.seconds,
      p50Ms: found.p50Ms,
      p99Ms: found.p99Ms,
      cpuUsPerRequest: own,
      mainCpuUsPerRequest: main,
      peakRssMiB: peakRssBytesOf(child.pid) / 1024 ** 2,
      brokerCpuUsPerRequest: broker,
      sendersCpuUsPerRequest: sendersCpuUs / requests,
    };
    return { sent, figures };
  }
}

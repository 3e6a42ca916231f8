import { setTimeout as delay } from 'node:timers/promises';

const patienceMs = 20_000;

/** Repeats until it works: a broker that was frozen or restarted a moment ago first has to find back into its cluster. */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const end = Date.now() + patienceMs; ; await delay(50)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** As Linux says; false where there is no /proc. The state follows the name, which stands in parentheses. */
async function anyThreadRuns(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => ') T')),
  );
  return stats.some((stat) => !/\) [TtZX]/.test(stat));
}

/** Resolves when every thread of a process that was sent a SIGSTOP has stopped. */
export async function stopped(pid: number): Promise<void> {
  while (await anyThreadRuns(pid)) await delay(2);
}

import { feedNames } from '../connectors/fenergo/feeds.ts';
import type { LedgerBatch } from '../connectors/fenergo/simulator/ledger.ts';
import { readLog } from '../src/sinks/log/read-log.ts';

/** What became of the events, by the platform's ledger and the log files; the bridge is not asked. */
export interface Verdict {
  /** Events that the platform handed out. */
  readonly sent: number;
  /** Those of them that are in the log. */
  readonly published: number;
  /** Those whose batch the bridge has completed. */
  readonly completed: number;
  /** Lines of the log that repeat an earlier one. */
  readonly doubled: number;
  /** Sent and not in the log. */
  readonly lost: number;
  /** In the log and never sent. */
  readonly strange: number;
  /** Feeds whose events are not in the log in the order in which they were sent. */
  readonly reordered: number;
  /** Completed, while the log did not have them. */
  readonly early: number;
}

async function idsInLog(dir: string, topic: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { line } of readLog(dir, topic)) ids.push((JSON.parse(line) as { readonly id: string }).id);
  return ids;
}

/** `ledger` must have been taken before, so that what it calls completed has to be in the log. */
export async function judge(ledger: readonly LedgerBatch[], dir: string): Promise<Verdict> {
  const verdict = { sent: 0, published: 0, completed: 0, doubled: 0, lost: 0, strange: 0, reordered: 0, early: 0 };
  for (const feed of feedNames) {
    const lines = await idsInLog(dir, feed);
    const logged = new Set(lines);
    const batches = ledger.filter((batch) => batch.feed === feed);
    const sent = batches.flatMap(({ eventIds }) => eventIds);
    const completed = batches.filter(({ completedBy }) => completedBy === 'client').flatMap(({ eventIds }) => eventIds);
    const found = sent.filter((id) => logged.has(id));
    const known = new Set(sent);
    verdict.sent += sent.length;
    verdict.published += found.length;
    verdict.completed += completed.length;
    verdict.doubled += lines.length - logged.size;
    verdict.lost += sent.length - found.length;
    verdict.strange += logged
      .values()
      .filter((id) => !known.has(id))
      .toArray().length;
    verdict.reordered += [...logged].every((id, index) => id === found[index]) ? 0 : 1;
    verdict.early += completed.filter((id) => !logged.has(id)).length;
  }
  return verdict;
}

/** All that was promised: `events` sent, one kill -9, and at most one batch of each feed doubled by it. */
export function isAsPromised(verdict: Verdict, events: number, batchSize: number): boolean {
  const { sent, published, completed, doubled, lost, strange, reordered, early } = verdict;
  return (
    [sent, published, completed].every((count) => count === events) &&
    doubled <= feedNames.length * batchSize &&
    [lost, strange, reordered, early].every((count) => count === 0)
  );
}

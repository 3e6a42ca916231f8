import type { SenderStats } from '../../connectors/webhook/simulator/options.ts';

/** How often somebody who waits is told why. */
const everyMs = 3_000;

/** What to look at, by what has been answered. */
const reasons: Readonly<Record<string, string>> = {
  '0': 'nobody answers there',
  '401': '`verify` of the pipeline expects another --key or --sign',
  '403': 'the pipeline does not take it from this address, or without a certificate',
  '404': 'no pipeline has this path',
  '405': 'no pipeline has this path',
  '413': '`maxBody` of the pipeline is too small',
  '415': 'the pipeline takes other content',
  '503': 'the feed does not run, or its broker has not confirmed',
  '507': 'a disk is full',
};

/** `3 × 401, 1 × no answer`. */
export function countedAnswers(statuses: SenderStats['statuses']): string {
  const counts = Object.entries(statuses).map(
    ([status, count]) => `${count} × ${status === '0' ? 'no answer' : status}`,
  );
  return counts.join(', ') || 'none';
}

/** Says why nothing succeeds, as long as nothing does. */
export function tellProgress(stats: () => SenderStats, remark: (line: string) => void): Disposable {
  const timer = setInterval(() => {
    const { safe, statuses } = stats();
    if (safe > 0) return;
    const [most] = Object.entries(statuses).toSorted(([, one], [, other]) => other - one);
    const reason = reasons[most?.[0] ?? ''];
    const why = reason === undefined ? '' : `: ${reason}`;
    remark(`# Nothing is answered with success so far${why}. Answers: ${countedAnswers(statuses)}.`);
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

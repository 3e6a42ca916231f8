import type { FeedName } from '../../core/batch.ts';
import type { BridgeError } from '../../core/errors.ts';
import type { Report } from '../../telemetry/events.ts';

/** How often the same refusal of the same sender is told at most. */
export const tellEveryMs = 60_000;

/** So many senders are told of by their addresses; the others are counted together, for each path and reason. */
const mostKinds = 50;
const otherSenders = 'other addresses';

export interface Refused {
  readonly subject: FeedName | 'hooks';
  readonly status: number;
  readonly error: BridgeError;
  readonly from: string;
}

interface Told {
  readonly refused: Refused;
  times: number;
}

/**
 * Tells of requests that were not taken in: the first of its path, reason and sender at once, then how many there were,
 * once a minute. So a flood of them costs a count each, and is bounded in memory and in lines.
 */
export interface RefusalCounts extends Disposable {
  count(refused: Refused): void;
}

export function createRefusalCounts(report: Report, everyMs: number = tellEveryMs): RefusalCounts {
  let kinds = new Map<string, Told>();
  let timer: NodeJS.Timeout | undefined;
  let since = 0;

  function wait(): void {
    since = performance.now();
    timer = setTimeout(tellAll, everyMs).unref();
  }

  /** What had no more of its kind is forgotten: the next one is told at once again. */
  function tellAll(): void {
    timer = undefined;
    const ms = performance.now() - since;
    const again = [...kinds].filter(([, { times }]) => times > 0);
    for (const [, { refused, times }] of again) report({ event: 'request.refused', ...refused, times, ms });
    kinds = new Map(again.map(([kind, { refused }]) => [kind, { refused, times: 0 }]));
    if (kinds.size > 0) wait();
  }

  function add(kind: string, refused: Refused): void {
    report({ event: 'request.refused', ...refused, times: 1, ms: 0 });
    kinds.set(kind, { refused, times: 0 });
    if (timer === undefined) wait();
  }

  return {
    count(refused) {
      const { subject, status, error, from } = refused;
      const reason = `${subject} ${status} ${error.code}`;
      const kind = `${reason} ${from}`;
      const told = kinds.get(kind) ?? (kinds.size < mostKinds ? undefined : kinds.get(reason));
      if (told !== undefined) told.times += 1;
      else if (kinds.size < mostKinds) add(kind, { subject, status, error, from });
      else add(reason, { subject, status, error, from: otherSenders });
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      kinds.clear();
    },
  };
}

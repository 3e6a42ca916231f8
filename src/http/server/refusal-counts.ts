import type { FeedName } from '../../core/batch.ts';
import type { BridgeError } from '../../core/errors.ts';
import type { Report } from '../../telemetry/events.ts';

/** How often the same refusal is told at most. */
export const tellEveryMs = 60_000;

/** More kinds than this are told as one: the paths of strangers are without end. */
const mostKinds = 200;

export interface Refused {
  readonly subject: FeedName | 'hooks';
  readonly status: number;
  readonly error: BridgeError;
  readonly from: string;
}

interface Told extends Refused {
  times: number;
  readonly since: number;
}

/**
 * Tells of requests that were not taken in: the first of its kind at once, then how many there were, once a minute. So a
 * flood of them costs a count each.
 */
export interface RefusalCounts extends Disposable {
  count(refused: Refused): void;
}

export function createRefusalCounts(report: Report, everyMs: number = tellEveryMs): RefusalCounts {
  const kinds = new Map<string, Told>();
  let timer: NodeJS.Timeout | undefined;

  function tell({ subject, status, error, from, times }: Omit<Told, 'since'>, ms: number) {
    report({ event: 'request.refused', subject, status, error, from, times, ms });
  }

  /** What had no more of its kind is forgotten: the next one is told at once again. */
  function tellAll() {
    timer = undefined;
    const now = performance.now();
    for (const [kind, told] of kinds) {
      kinds.delete(kind);
      if (told.times === 0) continue;
      tell(told, now - told.since);
      kinds.set(kind, { ...told, times: 0, since: now });
    }
    if (kinds.size > 0) timer = setTimeout(tellAll, everyMs).unref();
  }

  return {
    count(refused) {
      const kind = `${refused.subject} ${refused.status} ${refused.error.code}`;
      const told = kinds.get(kind);
      if (told !== undefined) {
        kinds.set(kind, { ...told, ...refused, times: told.times + 1 });
        return;
      }
      if (kinds.size >= mostKinds) return;
      tell({ ...refused, times: 1 }, 0);
      kinds.set(kind, { ...refused, times: 0, since: performance.now() });
      timer ??= setTimeout(tellAll, everyMs).unref();
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      kinds.clear();
    },
  };
}

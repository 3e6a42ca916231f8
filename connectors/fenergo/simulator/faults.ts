import type { FenergoFeed } from '../feeds.ts';
import { dice } from './mix.ts';

/** The calls that can be disturbed. */
export type Call = 'next' | 'complete' | 'discardAll' | 'token' | 'resource';

/** What is wrong with a batch from when it is made until it is completed. */
export type FormingFault = 'unknown-fields' | 'garble' | 'reuse-batch-id';

/**
 * What goes wrong. With `worked` the call does its work first, so that only its answer is bad.
 * `status`: a problem with this status; `retryAfterS` adds Retry-After, in seconds or as a date.
 * `hang`: no answer. `delay`: the right answer, late. `reset`: the connection breaks in mid-body.
 * `truncate`: half of the body as if it were all. `html`: 200 with a web page.
 * `foreign-complete`: somebody else completes the batch right after it was handed out.
 * `expire-tokens`: all access tokens end before the call. The rest are faults of the batch itself.
 */
export type FaultKind =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly worked?: boolean;
      readonly retryAfterS?: number;
      readonly retryAfterAs?: 'seconds' | 'date';
    }
  | { readonly kind: 'hang'; readonly worked?: boolean }
  | { readonly kind: 'reset'; readonly worked?: boolean }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'truncate' | 'html' | 'foreign-complete' | 'expire-tokens' | FormingFault };

/** When it goes wrong. */
export interface FaultScope {
  /** Absent: every feed. */
  readonly feed?: FenergoFeed;
  /** `next` by default. */
  readonly call?: Call;
  /** How many times; 1 by default. */
  readonly times?: number | 'always';
  /** From 0 to 1; 1 by default. */
  readonly probability?: number;
  /** Ends by itself so many milliseconds from now. */
  readonly forMs?: number;
  /** Lets so many calls pass first. */
  readonly skip?: number;
}

export type Fault = FaultKind & FaultScope;

export interface FaultBox {
  add(fault: Fault): void;
  clear(feed: FenergoFeed | undefined): void;
  /** The fault that this call meets, used up by it. */
  take(feed: FenergoFeed | undefined, call: Call): Fault | undefined;
  /** The fault that a batch meets while it is made, used up by it. */
  takeForming(feed: FenergoFeed): FormingFault | undefined;
}

const formingFaults: readonly string[] = ['unknown-fields', 'garble', 'reuse-batch-id'] satisfies FormingFault[];

function isForming(kind: Fault['kind']): kind is FormingFault {
  return formingFaults.includes(kind);
}

export function createFaultBox(seed: number): FaultBox {
  const roll = dice(seed);
  let active: { readonly fault: Fault; left: number; skip: number; readonly until: number }[] = [];

  function takeFirst(fits: (fault: Fault) => boolean): Fault | undefined {
    if (active.length === 0) return undefined;
    const now = Date.now();
    active = active.filter((entry) => entry.until > now && entry.left > 0);
    for (const entry of active) {
      if (!fits(entry.fault)) continue;
      if (entry.skip > 0) entry.skip -= 1;
      else if (roll() < (entry.fault.probability ?? 1)) {
        entry.left -= 1;
        return entry.fault;
      }
    }
    return undefined;
  }

  const isFor = (fault: Fault, feed: FenergoFeed | undefined): boolean =>
    fault.feed === undefined || fault.feed === feed;
  return {
    add(fault) {
      const { times = 1, skip = 0, forMs = Number.POSITIVE_INFINITY } = fault;
      active.push({
        fault,
        left: times === 'always' ? Number.POSITIVE_INFINITY : times,
        skip,
        until: Date.now() + forMs,
      });
    },
    clear(feed) {
      active = feed === undefined ? [] : active.filter((entry) => entry.fault.feed !== feed);
    },
    take: (feed, call) =>
      takeFirst((fault) => isFor(fault, feed) && (fault.call ?? 'next') === call && !isForming(fault.kind)),
    takeForming(feed) {
      const fault = takeFirst((candidate) => isFor(candidate, feed) && isForming(candidate.kind));
      return fault && isForming(fault.kind) ? fault.kind : undefined;
    },
  };
}

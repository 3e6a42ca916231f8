import type { WebhookRate } from '../../core/webhook.ts';

/** How often a path is called, at most. */
export interface RateLimit {
  /** 0: this request may come, and is counted. Else milliseconds after which one may. `now` is a monotonic time. */
  take(now: number): number;
}

/** A token bucket: it holds `burst` requests at the most, and is filled evenly. */
export function createRateLimit({ perSecond, burst }: WebhookRate): RateLimit {
  const msPerRequest = 1_000 / perSecond;
  /** When the bucket will be full. */
  let fullAt = 0;
  return {
    take(now) {
      const next = Math.max(fullAt, now) + msPerRequest;
      const early = next - burst * msPerRequest - now;
      // Halves of a microsecond are rounding.
      if (early > 0.0005) return early;
      fullAt = next;
      return 0;
    },
  };
}

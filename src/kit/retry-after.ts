import type { Headers } from '../core/record.ts';

/** Nobody is waited for longer than this, whatever upstream asks: 15 minutes. Whoever waits applies it. */
export const maxRetryAfterMs = 15 * 60_000;

const seconds = /^\d+$/;
const time = String.raw`\d{2}:\d{2}:\d{2}`;
/** The three spellings of RFC 9110, 5.6.7; all of them mean GMT. */
const gmtDate = new RegExp(
  String.raw`^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} ${time} GMT|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} ${time} GMT)$`,
);
const asctimeDate = new RegExp(String.raw`^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d ${time} \d{4}$`);

/**
 * How long an answer asks to wait, in milliseconds: `Retry-After` in seconds or as a date. Undefined when it is absent,
 * not understood, or lies before `now`. Not capped: see `maxRetryAfterMs`.
 */
export function retryAfterMs(headers: Headers, now: Date): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined) return undefined;
  if (seconds.test(value)) return Number(value) * 1_000;
  const at = parseDate(value);
  if (at === undefined) return undefined;
  const wait = at - now.getTime();
  return wait >= 0 ? wait : undefined;
}

function parseDate(value: string): number | undefined {
  const text = asctimeDate.test(value) ? `${value} GMT` : gmtDate.test(value) ? value : undefined;
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

import { z } from 'zod';
import { Secret } from '../core/secret.ts';

/*
 * Scalars that a configuration is made of. The loader hands over a Secret wherever a `${env:…}` or `${file:…}`
 * reference stood: `secret` keeps it, `text` takes its value, the others want their value in the file itself.
 */

/** Free text; never empty. */
export function text(): z.ZodType<string, string> {
  const revealed = (value: unknown) => (value instanceof Secret ? value.reveal() : value);
  return z.preprocess(revealed, z.string().min(1)) as unknown as z.ZodType<string, string>;
}

const anySecret = z
  .custom<Secret>((value) => value instanceof Secret, {
    error: ({ input }) =>
      typeof input === 'number' || typeof input === 'boolean'
        ? 'expected text: put it in double quotes'
        : 'expected text that is not empty, best as a reference such as ${env:TOKEN}',
  })
  .meta({ type: 'string', minLength: 1 });

/** A value that must never be shown; never empty. */
export function secret(): z.ZodType<Secret, string> {
  const sealed = (value: unknown) => (typeof value === 'string' && value !== '' ? new Secret(value) : value);
  return z.preprocess(sealed, anySecret) as unknown as z.ZodType<Secret, string>;
}

/** Every accepted duration, and nothing else. */
export const durationPattern = /^[1-9]\d{0,8}(ms|s|m|h|d)$/;

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * `250ms`, `15s`, `10m`, `1h`, `30d`, never zero; gives milliseconds. `max` is the longest accepted one, in the same
 * notation: what a timer waits for has to stay below 24 days.
 */
export function duration(options: { readonly max?: string } = {}): z.ZodType<number, string> {
  const { max } = options;
  const words = 'expected a duration such as 250ms, 15s, 10m, 1h or 30d';
  return z
    .string(words)
    .regex(durationPattern, words)
    .refine((value) => max === undefined || toMilliseconds(value) <= toMilliseconds(max), `expected at most ${max}`)
    .transform(toMilliseconds);
}

function toMilliseconds(value: string): number {
  const unit = value.replace(/^\d+/, '') as keyof typeof durationUnits;
  return Number.parseInt(value, 10) * durationUnits[unit];
}

/** Milliseconds as `duration` reads them, in the largest unit that needs no fraction. */
export function writeDuration(milliseconds: number): string {
  return written(milliseconds, durationUnits);
}

/** Every accepted size, and nothing else. */
export const byteSizePattern = /^[1-9]\d{0,8}(B|KiB|MiB|GiB)$/;

const sizeUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** `512B`, `64KiB`, `16MiB`, `1GiB`, never zero; gives bytes. */
export function byteSize(): z.ZodType<number, string> {
  const words = 'expected a size such as 512B, 64KiB, 16MiB or 1GiB';
  return z
    .string(words)
    .regex(byteSizePattern, words)
    .transform((value) => {
      const unit = value.replace(/^\d+/, '') as keyof typeof sizeUnits;
      return Number.parseInt(value, 10) * sizeUnits[unit];
    });
}

/** Bytes as `byteSize` reads them, in the largest unit that needs no fraction. */
export function writeByteSize(bytes: number): string {
  return written(bytes, sizeUnits);
}

/** `units` grow; the first one always fits. */
function written(amount: number, units: Readonly<Record<string, number>>): string {
  const fitting = Object.entries(units).filter(([, size]) => amount % size === 0);
  const [unit, size] = fitting.at(-1) ?? ['', 1];
  return `${amount / size}${unit}`;
}

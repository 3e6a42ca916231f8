import { z } from 'zod';
import { Secret } from '../core/secret.ts';

/*
 * Scalars that a configuration is made of. The loader hands over a Secret wherever a `${env:…}` or `${file:…}`
 * reference stood; `text` may come from one too, but is then no longer secret.
 */

const reference = z.instanceof(Secret);

/** Free text. */
export function text(): z.ZodType<string, string> {
  return z
    .union([z.string().min(1), reference])
    .transform((value) => (typeof value === 'string' ? value : value.reveal()))
    .meta({ type: 'string', minLength: 1 }) as unknown as z.ZodType<string, string>;
}

/** A value that must never be shown. */
export function secret(): z.ZodType<Secret, string> {
  return z
    .union([z.string().min(1), reference])
    .transform((value) => (typeof value === 'string' ? new Secret(value) : value))
    .meta({ type: 'string', minLength: 1 }) as unknown as z.ZodType<Secret, string>;
}

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `250ms`, `15s`, `10m`, `1h`, `30d`; gives milliseconds. */
export function duration(): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d+(ms|s|m|h|d)$/, 'expected a duration such as 250ms, 15s, 10m, 1h or 30d')
    .transform((value) => {
      const unit = value.replace(/^\d+/, '') as keyof typeof durationUnits;
      return Number.parseInt(value, 10) * durationUnits[unit];
    });
}

const sizeUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** `512B`, `64KiB`, `16MiB`, `1GiB`; gives bytes. */
export function byteSize(): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d+(B|KiB|MiB|GiB)$/, 'expected a size such as 512B, 64KiB, 16MiB or 1GiB')
    .transform((value) => {
      const unit = value.replace(/^\d+/, '') as keyof typeof sizeUnits;
      return Number.parseInt(value, 10) * sizeUnits[unit];
    });
}

import { InvalidArgumentError } from 'commander';

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `24h`, `90m` or `7d`; gives milliseconds. */
export function agoArgument(value: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(value) ?? [];
  if (count === undefined || unit === undefined) throw new InvalidArgumentError('It is a time such as 90m, 24h or 7d.');
  return Number(count) * units[unit as keyof typeof units];
}

/** Reads a moment in ISO 8601, or one so long ago: `24h`. Without a time zone it is UTC. */
export function momentArgument(value: string): Date {
  if (/^\d{1,6}[mhd]$/.test(value)) return new Date(Date.now() - agoArgument(value));
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(value) || !value.includes('T') ? value : `${value}Z`;
  const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError('It is a moment such as 2026-11-22T10:15Z, or 24h for a day ago.');
  return new Date(time);
}

/** How a figure went: the first third is for warming up, and left out. */
export interface Trend {
  /** Of the second third. */
  readonly early: number;
  /** Of the last third. */
  readonly late: number;
  /** Least squares over both, for an hour. */
  readonly perHour: number;
}

const hourMs = 3_600_000;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

export function trendOf(samples: readonly { readonly at: number; readonly value: number }[]): Trend {
  const third = Math.floor(samples.length / 3);
  const warm = samples.slice(third);
  const early = mean(warm.slice(0, third).map(({ value }) => value));
  const late = mean(warm.slice(third).map(({ value }) => value));
  const [at, value] = [mean(warm.map((sample) => sample.at)), mean(warm.map((sample) => sample.value))];
  const spread = warm.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
  const together = warm.reduce((sum, sample) => sum + (sample.at - at) * (sample.value - value), 0);
  return { early, late, perHour: spread === 0 ? 0 : (together / spread) * hourMs };
}

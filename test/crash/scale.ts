import { dice } from '../../connectors/fenergo/simulator/mix.ts';

/** All that is promised, in the size that is promised; else what a quick run has time for. */
export const full = process.env['FEEDFERRY_FULL'] === '1';

/** Chooses the moments of the kills; set it to repeat a run. */
export const seed = Number(process.env['FEEDFERRY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Where in a drain of so many calls to kill: one moment in each of `kills` equal parts, rising. */
export function killMoments(kills: number, calls: number, roll = dice(seed)): readonly number[] {
  return Array.from({ length: kills }, (_, part) => 1 + Math.floor(((part + roll()) / kills) * (calls - 1)));
}

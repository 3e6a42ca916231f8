import { BridgeError } from '../core/errors.ts';
import type { NormalisedBatch } from './normalise.ts';

/** A flood is this many poison records in a row, or half of the last so many. */
export const poisonFlood = { inARow: 100, window: 200 } as const;

/** Tells a bad record now and then from an upstream that has changed its format. */
export interface PoisonWatch {
  /**
   * Looks at a batch of so many records before anything of it is set aside. Throws POISON_FLOOD instead of counting
   * them when the batch has poison and makes, or prolongs, a flood: so nothing of a halted feed moves.
   */
  admit(batch: NormalisedBatch, records: number): void;
}

/** `pardon`: an operator has seen the flood, and the next batch that makes one is admitted. */
export function createPoisonWatch({ pardon = false } = {}): PoisonWatch {
  let pardons = pardon;
  let inARow = 0;
  /** Whether each of the last records was poison. */
  let recent: boolean[] = [];

  return {
    admit({ poison }, records) {
      if (poison.length === 0 && recent.length === 0) return;
      const marks = new Array<boolean>(records).fill(false);
      for (const { index } of poison) marks[index] = true;

      let row = inARow;
      let longest = 0;
      for (const bad of marks) {
        row = bad ? row + 1 : 0;
        longest = Math.max(longest, row);
      }
      const window = [...recent, ...marks].slice(-poisonFlood.window);
      const bad = window.filter(Boolean).length;
      const half = window.length === poisonFlood.window && bad * 2 >= poisonFlood.window;
      if (poison.length > 0 && (longest >= poisonFlood.inARow || half)) {
        if (pardons) {
          pardons = false;
          inARow = 0;
          recent = [];
          return;
        }
        const share = `${bad} of the last ${window.length} records`;
        const run = `${longest} records in a row`;
        throw new BridgeError('POISON_FLOOD', `${longest >= poisonFlood.inARow ? run : share} cannot become events`);
      }
      inARow = row;
      recent = bad > 0 ? window : [];
    },
  };
}

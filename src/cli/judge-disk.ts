import type { Durability } from '../state/durability.ts';

/** Says of a folder whether what is written there survives the container. */
export type JudgeDisk = (dir: string) => Promise<Durability>;

export async function judgeDisk(dir: string): Promise<Durability> {
  const { durability } = await import('../state/durability.ts');
  return durability(dir);
}

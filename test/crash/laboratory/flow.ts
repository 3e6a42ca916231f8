import { expect } from 'vitest';
import { readCursor } from '../../support/judge/cursor-copy.ts';
import type { SpoolTail } from '../../support/judge/spool-tail.ts';
import type { Witness } from './witness.ts';

/** As it is found at a broker. */
export interface StoredEvent {
  readonly id: string;
  readonly partitionkey: string;
  readonly data: unknown;
}

/** An upstream that sends by itself, whether a bridge listens or not, and the configuration of bridges for it. */
export interface Flow extends AsyncDisposable {
  readonly configFile: string;
  /** Not there before the first bridge. */
  readonly stateDir: string;
  /** The bridge dies so long after something has flowed, at most. Milliseconds. */
  readonly scatterMs: number;
  /** So many events at most may be published once more for each time that the bridge does not hear of their confirms. */
  readonly mostInHand: number;
  /** Resolves when something is settled that came after the call: published, and gone from where it waited. */
  flowed(): Promise<void>;
  /** Nothing new comes any more. Resolves when all that came is settled. */
  finish(): Promise<void>;
  /** The events that have to be stored, in the order of the upstream. */
  promised(): readonly string[];
  /** Whether a stored event has the data that was sent. */
  isWhole(event: StoredEvent): boolean;
  /** Where one is used: what is in it right now. */
  readonly spool: SpoolTail | undefined;
  /** Has looked whenever the upstream was told that events are safe. */
  readonly witness: Witness;
}

const patience = { timeout: 60_000, interval: 100 };

/** Of each event, so that what is in hand is bounded by its bytes. */
export const padding = 'x'.repeat(1_000);
/** Of such events, a bridge has two batches out of its spool at once, of 500 at most. */
export const mostOutOfSpool = 1_000;

/** Resolves when what has waited longest has left the spool; at once when nothing waits. */
export async function spoolFlows(spool: SpoolTail): Promise<void> {
  const [head] = spool.present();
  if (head !== undefined) await expect.poll(() => spool.present().has(head), patience).toBe(false);
}

/** Resolves when a stream is safe up to the event of this number. */
export async function cameTo(stateDir: string, number: number): Promise<void> {
  await expect.poll(async () => Number(await readCursor(stateDir)), patience).toBeGreaterThanOrEqual(number);
}

/** Resolves when nothing is in the spool. */
export async function spoolDrained(spool: SpoolTail): Promise<void> {
  await expect.poll(() => spool.records(), patience).toBe(0);
}

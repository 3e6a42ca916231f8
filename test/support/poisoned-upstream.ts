import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { batchBody } from '../../connectors/fenergo/simulator/batch-body.ts';
import { createEventMaker } from '../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../connectors/fenergo/simulator/options.ts';
import { type Simulator, startFenergoSimulator } from '../../connectors/fenergo/simulator/simulator.ts';
import { deadLetterEnvelope } from '../../src/core/dead-letter.ts';
import { encodeStructured } from '../../src/core/envelope.ts';
import type { Operations } from '../../src/operations/operations.ts';
import { handedOut } from './daemon.ts';

/** The record of the golden dead letter. */
export const poison = '{"eventType":"journey:taskcompleted","when":"yesterday"}';
/** For the header `x-tenant-id`. */
export const tenant = 'bded51d4-598e-4079-9cf6-43e74144b415';

const golden = join(import.meta.dirname, '../../connectors/fenergo/fixtures/golden/dead-letter.json');

/** The copy that the golden record becomes. */
export async function goldenCopy(): Promise<unknown> {
  return JSON.parse(await readFile(golden, 'utf8'));
}

/** A platform whose feed `journey` has the batches that the test makes. */
export interface PoisonedUpstream extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly baseUrl: string;
  /** A record that becomes an event. */
  good(): string;
  enqueue(batchId: string, records: readonly string[]): void;
  /** Three good records, and the golden one. */
  enqueueGolden(): void;
  /** Ids of the events of `journey`, in order. */
  handedOut(): readonly string[];
  /** Whether every batch of `journey` is completed. */
  isDone(): boolean;
}

export async function startPoisonedUpstream(): Promise<PoisonedUpstream> {
  const simulator = await startFenergoSimulator();
  const maker = createEventMaker('journey', 77, defaultTenant);
  let made = 0;
  const good = () => maker.render(++made, { at: Date.parse('2022-01-23T08:13:56.840Z'), eventBytes: 0 });
  const enqueue = (batchId: string, records: readonly string[]) =>
    simulator.enqueue('journey', batchBody(batchId, records, true), batchId);
  return {
    simulator,
    baseUrl: simulator.baseUrl,
    good,
    enqueue,
    enqueueGolden: () => enqueue('1642925639481', [good(), good(), good(), poison]),
    handedOut: () => handedOut(simulator.ledger('journey')).filter((id) => id !== ''),
    isDone: () => simulator.ledger('journey').every(({ completedBy }) => completedBy === 'client'),
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

/** What copies there have to be, byte for byte, by what the local store has. */
export async function keptCopies(operations: Operations): Promise<readonly string[]> {
  const letters = await operations.deadLetters({ limit: 100 });
  return letters.map((letter) => encodeStructured(deadLetterEnvelope(letter)).toString());
}

import type { FeedName } from '../core/batch.ts';
import { type BridgeError, toBridgeError } from '../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { Outcome } from '../core/normalise.ts';
import type { RawRecord } from '../core/record.ts';
import type { Step } from '../core/step.ts';
import type { Report } from '../telemetry/events.ts';
import { upstreamBackoff } from './backoff.ts';
import type { NormalisedBatch, NormalisedEvent, PoisonRecord } from './normalise.ts';
import { persist } from './persist.ts';

/** What the steps of a feed are and work with. */
export interface StepsContext {
  readonly feed: FeedName;
  readonly steps: readonly Step[];
  fetch(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  readonly report: Report;
  /** Of the batch in hand, as `persist` has it. */
  readonly deadline?: number | undefined;
}

/** The record at this index of the batch. */
export type RecordAt = (index: number) => RawRecord | undefined;

/** The rest of step 2: what the configuration asks for beyond normalise. Order is kept. */
export async function applySteps(
  normalised: NormalisedBatch,
  context: StepsContext,
  signal: AbortSignal,
  recordAt: RecordAt,
): Promise<NormalisedBatch> {
  let batch = normalised;
  for (const step of context.steps) batch = await applyStep(batch, step, context, signal, recordAt);
  return batch;
}

async function applyStep(
  batch: NormalisedBatch,
  step: Step,
  context: StepsContext,
  signal: AbortSignal,
  recordAt: RecordAt,
) {
  const events: NormalisedEvent[] = [];
  const poison: PoisonRecord[] = [...batch.poison];
  let { filtered } = batch;
  const results = await eachInOrder(batch.events, step.atOnce ?? 1, signal, ({ envelope, index }, bounded) => {
    const fetch = (request: HttpRequest) => context.fetch(request, bounded);
    const headers = recordAt(index)?.headers ?? {};
    const apply = () => step.apply(envelope, { fetch, headers, signal: bounded });
    const patient = withPatience(apply, step, bounded);
    return persist(patient, { ...context, activity: 'step', signal: bounded, backoff: upstreamBackoff });
  });
  batch.events.forEach(({ index }, at) => {
    for (const outcome of results[at] ?? []) {
      if (outcome.kind === 'event') events.push({ envelope: outcome.envelope, index });
      else if (outcome.kind === 'filtered') filtered++;
      else poison.push({ index, error: outcome.error, stage: 'step' });
    }
  });
  return { events, poison: poison.toSorted((a, b) => a.index - b.index), filtered };
}

/** Ends with the first one that rejects, when the others that had begun have ended too. */
async function eachInOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = new Array(items.length);
  if (atOnce === 1 || items.length === 1) {
    for (const [at, item] of items.entries()) results[at] = await work(item, signal);
    return results;
  }
  const end = new AbortController();
  const bounded = AbortSignal.any([signal, end.signal]);
  const left = items.entries();
  const failures: unknown[] = [];
  const worker = async () => {
    try {
      for (const [at, item] of left) {
        if (failures.length > 0) return;
        results[at] = await work(item, bounded);
      }
    } catch (thrown) {
      failures.push(thrown);
      end.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** What has failed for too long is poison, where the step says so. */
function withPatience(apply: () => Promise<readonly Outcome[]>, { patience }: Step, signal: AbortSignal) {
  const began = performance.now();
  return async (): Promise<readonly Outcome[]> => {
    try {
      return await outcomesOf(apply);
    } catch (thrown) {
      const error = toBridgeError(thrown);
      if (patience === undefined || signal.aborted || performance.now() - began < patience.ms) throw error;
      const exhausted = error.disposition === 'retryable' ? patience.exhausted(error) : undefined;
      if (exhausted === undefined) throw error;
      return [{ kind: 'poison', error: exhausted }];
    }
  };
}

/** A poison error that is thrown means the same as one that is given. */
async function outcomesOf(apply: () => Promise<readonly Outcome[]>): Promise<readonly Outcome[]> {
  try {
    return await apply();
  } catch (thrown) {
    const error: BridgeError = toBridgeError(thrown);
    if (error.disposition !== 'poison') throw error;
    return [{ kind: 'poison', error }];
  }
}

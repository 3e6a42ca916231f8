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

/** The rest of step 2: what the configuration asks for beyond normalise. Order is kept: one event after the other. */
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
  const fetch = (request: HttpRequest) => context.fetch(request, signal);
  for (const { envelope, index } of batch.events) {
    const outcomes = await persist(
      () => outcomesOf(() => step.apply(envelope, { fetch, headers: recordAt(index)?.headers ?? {} })),
      {
        ...context,
        activity: 'step',
        signal,
        backoff: upstreamBackoff,
      },
    );
    for (const outcome of outcomes) {
      if (outcome.kind === 'event') events.push({ envelope: outcome.envelope, index });
      else if (outcome.kind === 'filtered') filtered++;
      else poison.push({ index, error: outcome.error, stage: 'step' });
    }
  }
  return { events, poison: poison.toSorted((a, b) => a.index - b.index), filtered };
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

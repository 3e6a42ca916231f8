import type { PipelineDefinition } from '../config/configuration.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { ProxySettings } from '../http/channel.ts';
import { openCopies } from '../open-destination.ts';
import { brokerBackoff } from '../pipeline/backoff.ts';
import type { Report } from '../telemetry/events.ts';

/** Longer than this nobody waits at a terminal for a broker that is away. */
export const copyMs = 60_000;

export interface CopyContext {
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly baseDir: string;
  readonly signal: AbortSignal;
  /** Milliseconds until the copy must be confirmed. */
  readonly withinMs: number;
}

/**
 * Publishes the copy of a dead letter where its pipeline wants one, with a connection of its own. Rejects when it is not
 * confirmed in time, with what failed last. One that is refused for good is an alarm and no more.
 */
export async function copyDeadLetter(
  letter: DeadLetter,
  pipeline: PipelineDefinition,
  context: CopyContext,
): Promise<void> {
  const { signal, withinMs } = context;
  let failure: BridgeError | undefined;
  const report: Report = (event) => {
    if (event.event === 'attempt.failed') failure = event.error;
    context.report(event);
  };
  await using resources = new AsyncDisposableStack();
  const copies = await openCopies(pipeline.name, pipeline.deadLetters, {
    ...context,
    report,
    resources,
    backoff: brokerBackoff,
  });
  const late = AbortSignal.timeout(withinMs);
  try {
    await copies?.publish([letter], AbortSignal.any([signal, late]));
  } catch (thrown) {
    const error = toBridgeError(thrown);
    if (signal.aborted || error.code !== 'STOPPING') throw error;
    const { code, message } = failure ?? new BridgeError('BROKER_TIMEOUT', 'no answer');
    throw new BridgeError(
      code,
      `the copy of the dead letter is not confirmed within ${withinMs / 1_000} s: ${message}`,
      {
        cause: failure ?? error,
        hint: 'Nothing was completed, and the dead letter is kept here. Try again when the destination is back.',
      },
    );
  }
}

import { protocolErrorsCodesById, type TopicWithPartitionAndOffset } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { type Answer, partitionName } from '../client.ts';
import { isConnectionFailure } from '../connection-failure.ts';
import { classify, classifyAnswer } from './classify.ts';

/** As far as it is read here: the broker's response to a produce. */
interface ProduceResponse {
  readonly responses: readonly {
    readonly name: string;
    readonly partitionResponses: readonly {
      readonly index: number;
      readonly errorCode: number;
      readonly baseOffset: bigint;
      readonly errorMessage?: string | null;
    }[];
  }[];
}

function* produceResponses(error: unknown, depth = 16): Generator<ProduceResponse> {
  if (!(error instanceof AggregateError) || depth === 0) return;
  const response: unknown = Reflect.get(error, 'response');
  if (typeof response === 'object' && response !== null && 'responses' in response) yield response as ProduceResponse;
  for (const nested of error.errors) yield* produceResponses(nested, depth - 1);
}

/** The partitions that a broker's answer to a produce refuses, each with Kafka's word for why. */
export function readRefusals(error: unknown): ReadonlyMap<string, string> {
  const refusals = new Map<string, string>();
  for (const { responses } of produceResponses(error)) {
    for (const { name, partitionResponses } of responses) {
      for (const { index, errorCode } of partitionResponses) {
        if (errorCode !== 0) refusals.set(partitionName(name, index), protocolErrorsCodesById[errorCode] ?? '');
      }
    }
  }
  return refusals;
}

/** Leaders that had taken their part all the same. */
function written(error: unknown): readonly TopicWithPartitionAndOffset[] {
  const produced: unknown = error instanceof Error ? Reflect.get(error, 'produced') : undefined;
  return (produced as { offsets?: TopicWithPartitionAndOffset[] } | undefined)?.offsets ?? [];
}

/** What a failure of others says of a partition without an answer of its own: something about the connection, or nothing. */
function withoutAnswer(error: unknown, where: string): BridgeError {
  const found = classify(error, where);
  return isConnectionFailure(found) ? found : new BridgeError('BROKER_UNAVAILABLE', found.message, { cause: error });
}

/** A leader that does not know its topic may only be a little behind: the metadata will tell, before anything is sent again. */
function believable(refusal: BridgeError): BridgeError {
  return refusal.code === 'DESTINATION_MISSING' ? new BridgeError('BROKER_UNAVAILABLE', refusal.message) : refusal;
}

/**
 * The answers within a rejected send: one partition's refusal rejects the whole of it, though others were written.
 * A refusal that may pass by itself counts as unknown, since an earlier attempt within the client may have been written.
 * `answered`: what a broker had answered before, when `error` is that nobody waits any longer.
 */
export function readRejection(
  error: unknown,
  partitions: Iterable<string>,
  where: string,
  answered: unknown = error,
): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const { responses } of produceResponses(answered)) {
    for (const { name, partitionResponses } of responses) {
      for (const { index, errorCode, baseOffset, errorMessage } of partitionResponses) {
        const partition = partitionName(name, index);
        if (answers.get(partition)?.status === 'written') continue;
        if (errorCode === 0) {
          answers.set(partition, { status: 'written', firstOffset: baseOffset });
          continue;
        }
        const refusal = believable(classifyAnswer(errorCode, errorMessage ?? null, `${where}, topic ${partition}`));
        const status = refusal.disposition === 'retryable' ? 'unknown' : 'refused';
        answers.set(partition, { status, error: refusal });
      }
    }
  }
  for (const { topic, partition, offset } of written(error)) {
    answers.set(partitionName(topic, partition), { status: 'written', firstOffset: offset });
  }
  const unanswered: Answer = { status: 'unknown', error: withoutAnswer(error, where) };
  for (const partition of partitions) if (!answers.has(partition)) answers.set(partition, unanswered);
  return answers;
}

import { BridgeError } from '../../core/errors.ts';
import type { KafkaBroker } from './config.ts';
import { createMarksCommand, createTopicCommand, loginHint } from './topic-commands.ts';

/**
 * The error for a topic that is not there, with the command that creates it. `brokers`: how many machines the cluster
 * has, where that is known.
 */
export function missingTopic(
  topic: string,
  brokerName: string,
  access: Pick<KafkaBroker, 'bootstrap' | 'tls' | 'sasl'>,
  brokers?: number,
): BridgeError {
  return new BridgeError('DESTINATION_MISSING', `${brokerName} has no topic ${topic}`, {
    hint: `Create it, for example: ${createTopicCommand(topic, access, brokers)}${loginHint(access)}`,
  });
}

/** The same for the topic of the marks. */
export function missingMarks(
  topic: string,
  brokerName: string,
  access: Pick<KafkaBroker, 'bootstrap' | 'tls' | 'sasl'>,
  brokers?: number,
): BridgeError {
  return new BridgeError(
    'DESTINATION_MISSING',
    `${brokerName} has no topic ${topic}, where exactly-once keeps its marks`,
    {
      hint: `Create it, for example: ${createMarksCommand(topic, access, brokers)}${loginHint(access)}`,
    },
  );
}

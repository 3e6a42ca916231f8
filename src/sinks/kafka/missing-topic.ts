import { BridgeError } from '../../core/errors.ts';

/** The error for a topic that is not there, with the command that creates it. */
export function missingTopic(topic: string, brokerName: string, bootstrap: readonly string[]): BridgeError {
  return new BridgeError('DESTINATION_MISSING', `${brokerName} has no topic ${topic}`, {
    hint:
      'Create it, for example: kafka-topics.sh --create --bootstrap-server ' +
      `${bootstrap.join(',')} --topic ${topic} --partitions 3 --replication-factor 3 --config min.insync.replicas=2`,
  });
}

import { BridgeError } from '../../core/errors.ts';

const maxLength = 249;

/** Whether Kafka takes it as the name of a topic. */
export function isTopicName(topic: string): boolean {
  return /^[a-zA-Z0-9._-]+$/.test(topic) && topic.length <= maxLength && topic !== '.' && topic !== '..';
}

/** Throws EVENT_UNROUTABLE for what Kafka would not take. */
export function checkTopicName(topic: string): void {
  if (isTopicName(topic)) return;
  const shown = JSON.stringify(topic.length > maxLength ? `${topic.slice(0, maxLength)}…` : topic);
  throw new BridgeError('EVENT_UNROUTABLE', `${shown} cannot be the name of a Kafka topic`, {
    hint: `A topic has letters, digits, ".", "_" and "-" only, at most ${maxLength}: choose a template whose attributes are fit for that.`,
  });
}

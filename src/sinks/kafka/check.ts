import type { FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import type { Template } from '../template.ts';
import { checkTopic } from './check-topic.ts';
import type { KafkaClient } from './client.ts';
import type { KafkaBroker, KafkaDestination } from './config.ts';
import { checkTopicName } from './topic-name.ts';

export interface Checked {
  readonly broker: KafkaBroker;
  readonly brokerName: string;
  readonly destination: KafkaDestination;
  /** The destination's, compiled. */
  readonly topic: Template;
  /** Most bytes that the bridge sends at once. */
  readonly callBytes: number;
}

function problem(subject: string, { code, message, hint }: BridgeError): Finding {
  return { severity: 'error', subject, code, message, hint };
}

/** The topic's name, why there can be none, or undefined where it depends on the event. */
function topicOf(feed: FeedName, template: Template): string | BridgeError | undefined {
  try {
    const name = template.renderFeed(feed);
    if (name !== undefined) checkTopicName(name);
    return name;
  } catch (error) {
    return toBridgeError(error);
  }
}

/** Whether the broker lets us in, and the topic of each feed is there and keeps what is promised. Changes nothing. */
export async function checkKafka(
  client: KafkaClient,
  { broker, brokerName, destination, topic: template, callBytes }: Checked,
  feeds: readonly FeedName[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const topics = new Map(feeds.map((feed) => [feed, topicOf(feed, template)] as const));
  const wanted = new Set(topics.values().filter((topic) => typeof topic === 'string'));
  const described = await client.describe([...wanted], signal);
  if (described instanceof BridgeError) return [problem(brokerName, described)];
  const { brokers } = described;
  const size = brokers === undefined ? '' : `, a cluster of ${brokers} broker${brokers === 1 ? '' : 's'}`;
  const findings: Finding[] = [{ severity: 'ok', subject: brokerName, message: `reachable${size}` }];
  for (const [feed, topic] of topics) {
    if (topic instanceof BridgeError) findings.push(problem(feed, topic));
    else if (topic === undefined) {
      const message = `topic ${destination.topic} depends on the event: whether it exists cannot be looked at`;
      findings.push({ severity: 'ok', subject: feed, message });
    } else {
      const facts = described.topics.get(topic);
      if (facts) findings.push(...checkTopic(feed, topic, facts, { broker, brokers, callBytes }));
    }
  }
  return findings;
}

import type { FeedName } from '../../core/batch.ts';
import { BridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import { checkReplication } from './check-replication.ts';
import { checkSettings } from './check-settings.ts';
import type { TopicFacts, TopicSettings } from './client.ts';
import type { KafkaBroker } from './config.ts';
import { alterTopicCommand, createTopicCommand, loginHint } from './topic-commands.ts';

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function settingsText({ minInsyncReplicas, maxMessageBytes }: TopicSettings): string {
  const min = minInsyncReplicas === undefined ? '' : `, min.insync.replicas=${minInsyncReplicas}`;
  return maxMessageBytes === undefined ? min : `${min}, max.message.bytes=${maxMessageBytes}`;
}

function summary(topic: string, { partitions, replicas, settings }: TopicFacts): string {
  const known = `topic ${topic} has ${counted(partitions, 'partition')}, ${counted(replicas, 'replica')}`;
  if (settings) return known + settingsText(settings);
  return `${known}; min.insync.replicas and other settings are unknown; seeing them takes the permission DescribeConfigs on the topic`;
}

/** What there is to say of the topic of a feed. */
export interface TopicCheck {
  readonly broker: KafkaBroker;
  /** How many machines the cluster has. */
  readonly brokers: number | undefined;
  /** Most bytes that the bridge sends at once. */
  readonly callBytes: number;
}

function problem(feed: FeedName, topic: string, error: BridgeError, { broker, brokers }: TopicCheck): Finding {
  const { code, message, hint } = error;
  if (code !== 'DESTINATION_MISSING') return { severity: 'error', subject: feed, code, message, hint };
  return {
    severity: 'error',
    subject: feed,
    code,
    message,
    hint: `Create it, or correct its name; the bridge creates none. Choose --partitions well: a later change moves keys to other partitions.${loginHint(broker)}`,
    command: createTopicCommand(topic, broker, brokers),
  };
}

export function checkTopic(
  feed: FeedName,
  topic: string,
  facts: TopicFacts | BridgeError,
  check: TopicCheck,
): readonly Finding[] {
  if (facts instanceof BridgeError) return [problem(feed, topic, facts, check)];
  const findings: Finding[] = [{ severity: 'ok', subject: feed, message: summary(topic, facts) }];
  if (facts.writable === false) {
    findings.push({
      severity: 'error',
      subject: feed,
      code: 'BROKER_NOT_AUTHORISED',
      message: `the account may not write to topic ${topic}`,
      hint: 'Grant it the permission Write on the topic.',
    });
  }
  const weaknesses = [...checkReplication(facts), ...checkSettings(facts, check.callBytes)];
  for (const { severity, code, message, hint, setting } of weaknesses) {
    findings.push({
      severity,
      subject: feed,
      code,
      message: `topic ${topic} ${message}`,
      hint: setting ? hint + loginHint(check.broker) : hint,
      ...(setting && { command: alterTopicCommand(topic, check.broker, setting) }),
    });
  }
  return findings;
}

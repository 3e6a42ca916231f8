import { BridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import { checkReplication } from './check-replication.ts';
import type { TopicFacts } from './client.ts';
import type { KafkaBroker } from './config.ts';
import { alterTopicCommand, createMarksCommand, loginHint } from './topic-commands.ts';

export interface MarksCheck {
  readonly broker: KafkaBroker;
  readonly brokerName: string;
  readonly brokers: number | undefined;
}

/** What there is to say of the topic where exactly-once keeps its marks. */
export function checkMarks(
  topic: string,
  facts: TopicFacts | BridgeError,
  { broker, brokerName: subject, brokers }: MarksCheck,
): readonly Finding[] {
  if (facts instanceof BridgeError) {
    const { code, message, hint } = facts;
    if (code !== 'DESTINATION_MISSING') return [{ severity: 'error', subject, code, message, hint }];
    return [
      {
        severity: 'error',
        subject,
        code,
        message: `there is no topic ${topic}, where exactly-once keeps its marks`,
        hint: `Create it; the bridge creates none. All pipelines may share it.${loginHint(broker)}`,
        command: createMarksCommand(topic, broker, brokers),
      },
    ];
  }
  const findings: Finding[] = [];
  if (facts.writable === false) {
    findings.push({
      severity: 'error',
      subject,
      code: 'BROKER_NOT_AUTHORISED',
      message: `the account may not write to topic ${topic}`,
      hint: 'Grant it the permissions Write and Read on the topic.',
    });
  }
  if (facts.settings?.compacted === false || facts.settings?.deletes) {
    findings.push({
      severity: 'error',
      subject,
      code: 'DESTINATION_UNSAFE',
      message: `topic ${topic} forgets the marks of feeds that rest (cleanup.policy): what they published last could be published again`,
      hint: `Compact it, and delete nothing.${loginHint(broker)}`,
      command: alterTopicCommand(topic, broker, 'cleanup.policy=compact'),
    });
  }
  for (const { severity, code, message, hint, setting } of checkReplication(facts)) {
    findings.push({
      severity,
      subject,
      code,
      message: `topic ${topic} ${message}`,
      hint: setting ? hint + loginHint(broker) : hint,
      ...(setting && { command: alterTopicCommand(topic, broker, setting) }),
    });
  }
  if (findings.length > 0) return findings;
  const known = facts.settings ? 'is compacted' : 'is there; whether it is compacted is unknown';
  return [{ severity: 'ok', subject, message: `topic ${topic} for the marks of exactly-once ${known}` }];
}

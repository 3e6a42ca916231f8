import type { FeedName } from '../../core/batch.ts';
import { BridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import type { Template } from '../template.ts';
import type { KafkaClient } from './client.ts';

function problem(subject: string, { code, message, hint }: BridgeError): Finding {
  return { severity: 'error', subject, code, message, hint };
}

/** Whether the broker lets us in, and the topic of each feed is there. Topics that depend on the event cannot be looked at. */
export async function checkKafka(
  client: KafkaClient,
  brokerName: string,
  topic: Template,
  feeds: readonly FeedName[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const topics = new Map(feeds.map((feed) => [feed, topic.renderFeed(feed)] as const));
  const wanted = new Set(topics.values().filter((name) => name !== undefined));
  const counts = await client.partitions([...wanted], signal);
  if (counts instanceof BridgeError) return [problem(brokerName, counts)];
  const findings: Finding[] = [{ severity: 'ok', subject: brokerName, message: 'reachable' }];
  for (const [feed, name] of topics) {
    const count = counts.get(name ?? '');
    if (count instanceof BridgeError) findings.push(problem(feed, count));
    else if (count !== undefined) {
      findings.push({
        severity: 'ok',
        subject: feed,
        message: `topic ${name} has ${count} partition${count === 1 ? '' : 's'}`,
      });
    }
  }
  return findings;
}

import type { TopicFacts } from './client.ts';
import type { Weakness } from './weakness.ts';

const threeReplicas = 'Three replicas with min.insync.replicas=2 lose nothing and go on when one machine fails';
const moreReplicas = `${threeReplicas}: \`kafka-reassign-partitions.sh\` adds replicas to a topic.`;

/** Whether one machine less costs confirmed events, or stops the feed. */
export function* checkReplication({ replicas, settings }: TopicFacts): Generator<Weakness> {
  const needed = settings?.minInsyncReplicas;
  if (needed !== undefined && needed > replicas) {
    yield {
      severity: 'error',
      code: 'DESTINATION_UNWRITABLE',
      message: `has ${counted(replicas)}, but min.insync.replicas=${needed}: it takes no event at all`,
      hint: `Add replicas, or lower the setting. ${moreReplicas}`,
      setting: `min.insync.replicas=${Math.min(2, replicas)}`,
    };
  } else if (replicas === 1) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_NOT_REPLICATED',
      message: 'has one replica: confirmed events are lost with that machine',
      hint: `Good enough to try things out. ${moreReplicas}`,
    };
  } else if (needed === 1) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_NOT_REPLICATED',
      message: `has ${counted(replicas)}, but min.insync.replicas=1: a confirmed event may be on one machine only, and is lost with it`,
      hint: replicas === 2 ? `With 2 of 2, one machine down stops the feed. ${moreReplicas}` : `${threeReplicas}.`,
      setting: 'min.insync.replicas=2',
    };
  } else if (needed === replicas) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_FRAGILE',
      message: `has ${counted(replicas)} and min.insync.replicas=${needed}: one machine down stops publishing; nothing is lost, events wait upstream`,
      hint: replicas === 2 ? moreReplicas : `${threeReplicas}.`,
      ...(replicas > 2 && { setting: `min.insync.replicas=${replicas - 1}` }),
    };
  }
}

function counted(replicas: number): string {
  return `${replicas} replica${replicas === 1 ? '' : 's'}`;
}

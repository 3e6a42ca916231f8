import type { TopicFacts } from './client.ts';
import type { Weakness } from './weakness.ts';

/** Kafka's own default of max.message.bytes. */
const usualBytes = 1_048_588;

/** Settings that let confirmed events vanish, or get in the way of sends of up to `callBytes`. */
export function* checkSettings({ settings }: TopicFacts, callBytes: number): Generator<Weakness> {
  if (settings?.uncleanLeaderElection) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_UNSAFE',
      message:
        'has unclean.leader.election.enable=true: a machine that missed events may become the leader, and confirmed events are lost',
      hint: 'Turn it off. Publishing then waits for a machine that has all events.',
      setting: 'unclean.leader.election.enable=false',
    };
  }
  if (settings?.compacted) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_UNSAFE',
      message:
        'is compacted (cleanup.policy): of the events with one partition key, in the end only the latest is kept',
      hint: 'Delete by age instead, unless consumers want the latest state only.',
      setting: 'cleanup.policy=delete',
    };
  }
  const limit = settings?.maxMessageBytes;
  if (limit !== undefined && limit < callBytes) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_LIMIT_LOW',
      message: `has max.message.bytes=${limit}, the most for one batch after compression, and the bridge sends up to ${callBytes} bytes at once: a send over the limit is halved until it fits, which is slow, and an event over it becomes a dead letter`,
      hint: 'Raise it, unless all events are small and few.',
      setting: `max.message.bytes=${usualBytes}`,
    };
  }
}

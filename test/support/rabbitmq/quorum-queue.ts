import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { bindQueue, manage } from './management.ts';
import type { StartedRabbitmq } from './started-rabbitmq.ts';

/** The server writes half a second after the last change down where the queue's files are, and tells nobody. */
const writtenDownMs = 2_000;
const leaderMs = 20_000;

interface QueueState {
  readonly type: string;
  readonly leader?: string;
  readonly online?: readonly string[];
}

/**
 * Quorum queues, each bound to the exchange by its key, that a kill of the server does not hurt any more: with a leader,
 * and older than what makes one come back leaderless and empty.
 */
export async function bindQuorumQueues(
  broker: StartedRabbitmq,
  exchange: string,
  queues: readonly { readonly queue: string; readonly key: string }[],
): Promise<void> {
  const settings = { 'x-queue-type': 'quorum' };
  for (const { queue, key } of queues) await bindQueue(broker, exchange, queue, { key, settings });
  const leaderless = async () => {
    const states = queues.map(({ queue }) => manage(broker, 'GET', `queues/%2F/${queue}`) as Promise<QueueState>);
    const settled = await Promise.all(states);
    return settled.filter(({ type, leader, online = [] }) => type !== 'quorum' || !leader || online.length === 0);
  };
  await expect.poll(leaderless, { timeout: leaderMs, interval: 100 }).toEqual([]);
  await delay(writtenDownMs);
}

import { expect } from 'vitest';
import { bindQueue, manage } from './management.ts';
import type { OwnRabbitmq } from './native-broker.ts';
import { writtenDown } from './written-down.ts';

const leaderMs = 20_000;

interface QueueState {
  readonly type: string;
  readonly leader?: string;
  readonly online?: readonly string[];
}

/**
 * Quorum queues, each bound to the exchange by its key, that a kill of the server does not hurt any more: with a leader,
 * and written down.
 */
export async function bindQuorumQueues(
  broker: OwnRabbitmq,
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
  await writtenDown(broker);
}

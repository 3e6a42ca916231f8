import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChannelModel, connect } from 'amqplib';
import { expect } from 'vitest';
import type { StartedRabbitmq } from './started-rabbitmq.ts';

/**
 * Sees what is stored in queues, as a consumer that acknowledges nothing: all of it stays there. It finds back by itself
 * to a broker that was away.
 */
export interface QueueWatch extends AsyncDisposable {
  /**
   * Which of these message ids the queue does not have. Waits for what may still be on its way: until nothing has come
   * for a while from a broker that is there.
   */
  absent(queue: string, ids: readonly string[]): Promise<readonly string[]>;
  /** Ends it, and resolves when all that it was shown is back in its place, for others to be read. */
  leave(): Promise<void>;
}

/** Longer than any freeze of a broker in a test, as a frozen one seems to be there. */
const quietMs = 15_000;
const againMs = 100;
/** Of each queue. The most that can be asked for: asked for nothing, a quorum queue stops at 2,000. */
const mostShown = 65_535;
const startLimitMs = 20_000;
const leaveLimitMs = 20_000;

/** Resolves when it is connected. */
export async function watchQueues(broker: StartedRabbitmq, queues: readonly string[]): Promise<QueueWatch> {
  const seen = new Map(queues.map((queue) => [queue, new Set<string>()]));
  const news = new EventEmitter().setMaxListeners(0);
  const end = new AbortController();
  let connected = false;

  async function consume(): Promise<void> {
    const connection = await connectTo(broker, end.signal);
    const closed = new Promise<void>((resolve) => connection.once('close', resolve));
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    await channel.prefetch(mostShown);
    for (const [queue, ids] of seen) {
      await channel.consume(queue, (message) => {
        // Null when the queue has lost its leader: this connection is then of no more use.
        if (!message) return void connection.close().catch(() => {});
        ids.add(String(message.properties.messageId));
        news.emit('any');
      });
    }
    connected = true;
    news.emit('any');
    await closed;
  }

  async function keepConsuming(): Promise<void> {
    while (!end.signal.aborted) {
      await consume().catch(() => {});
      connected = false;
      await delay(againMs, undefined, { signal: end.signal }).catch(() => {});
    }
  }

  async function stop(): Promise<void> {
    end.abort();
    await keeping;
  }

  const keeping = keepConsuming();
  const late = AbortSignal.timeout(startLimitMs);
  while (!connected) await once(news, 'any', { signal: late });
  return {
    async absent(queue, ids) {
      const missing = () => ids.filter((id) => !seen.get(queue)?.has(id));
      while (missing().length > 0) {
        const quiet = AbortSignal.any([AbortSignal.timeout(quietMs), end.signal]);
        const more = await once(news, 'any', { signal: quiet }).catch(() => undefined);
        if (!more && (connected || end.signal.aborted)) break;
      }
      return missing();
    },
    async leave() {
      await stop();
      const connection = await connectTo(broker, AbortSignal.timeout(leaveLimitMs));
      const channel = await connection.createChannel();
      // A queue that has lost a consumer has taken back what that one had.
      const consumers = async (queue: string) => (await channel.checkQueue(queue)).consumerCount;
      for (const queue of queues) await expect.poll(() => consumers(queue), { timeout: leaveLimitMs }).toBe(0);
      await connection.close();
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function connectTo({ url, username, password }: StartedRabbitmq, signal: AbortSignal): Promise<ChannelModel> {
  const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  const options = { signal, noDelay: true };
  const connection = await connect(url.replace('//', `//${login}`), options);
  return connection.on('error', () => {});
}

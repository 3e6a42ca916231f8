import type { Channel, ChannelModel } from 'amqplib';
import { BridgeError } from '../../core/errors.ts';
import { type ReplyCode, replyCode } from './classify.ts';

/** What the broker refuses a request with. */
export interface Refusal {
  readonly code: ReplyCode;
  readonly cause: unknown;
}

/**
 * Does one thing on a channel of its own, which the broker closes when it refuses: no event is harmed. Undefined: it was
 * done. Never rejects; may take for ever where the broker does not answer.
 */
export async function ask(
  model: ChannelModel,
  brokerName: string,
  request: (channel: Channel) => Promise<unknown>,
): Promise<Refusal | BridgeError | undefined> {
  try {
    const channel = await model.createChannel();
    channel.on('error', () => {});
    await request(channel);
    await channel.close();
    return undefined;
  } catch (cause) {
    const code = replyCode(cause);
    if (code !== undefined) return { code, cause };
    return new BridgeError('BROKER_UNREACHABLE', `${brokerName} broke off when asked for its exchanges and queues`, {
      cause,
    });
  }
}

import type { ChannelModel } from 'amqplib';
import { BridgeError } from '../../core/errors.ts';
import { isNotFound, missingExchange } from './classify.ts';
import type { Host } from './url.ts';

/** Undefined when the exchange is there. Never rejects; may take for ever where the broker does not answer. */
export async function findExchange(
  model: ChannelModel,
  host: Host,
  brokerName: string,
  exchange: string,
): Promise<BridgeError | undefined> {
  try {
    // On a channel of its own: the broker closes it when there is none.
    const channel = await model.createChannel();
    channel.on('error', () => {});
    await channel.checkExchange(exchange);
    await channel.close();
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return missingExchange(exchange, host, brokerName);
    return new BridgeError('BROKER_UNREACHABLE', `${brokerName} broke off when asked for exchange ${exchange}`, {
      cause: error,
    });
  }
}

import { BridgeError } from '../../core/errors.ts';
import { ask, type Refusal } from './asking.ts';
import { grantWrite, missingExchange, reply } from './classify.ts';
import type { Site } from './prepare.ts';

/*
 * What an account may do, asked so that nothing is changed: each request has a flaw for which RabbitMQ refuses it (406),
 * after it has looked at the permissions (403) and before it does anything. It leaves a line in the broker's log.
 */

const flawedExpiration = 'feedferry-check';
const flawedName = 1;

/** For a routing key that depends on the event. */
const askedKey = 'feedferry-check';

function refusedTo(what: string, hint: string, brokerName: string, { cause }: Refusal): BridgeError {
  return new BridgeError('BROKER_NOT_AUTHORISED', `${brokerName} does not let the account ${what}`, { hint, cause });
}

/** Undefined: the account may write to the exchange, with this routing key. No message gets anywhere. Never rejects. */
export async function mayWrite(
  site: Site,
  exchange: string,
  routingKey: string | undefined,
): Promise<BridgeError | undefined> {
  const { model, host, brokerName } = site;
  const asked = routingKey ?? askedKey;
  const refusal = await ask(model, brokerName, (channel) => {
    channel.publish(exchange, asked, Buffer.alloc(0), { expiration: flawedExpiration });
    // A message itself is not answered: the refusal comes instead of the answer to this.
    return channel.checkExchange(exchange);
  });
  if (!refusal || refusal instanceof BridgeError) return refusal;
  if (refusal.code === reply.preconditionFailed) return undefined;
  if (refusal.code === reply.notFound) return missingExchange(exchange, host, brokerName, refusal.cause);
  const what = `write to exchange ${exchange}, asked with routing key "${asked}"`;
  const hint =
    routingKey === undefined ? `${grantWrite} The keys of real events may be allowed all the same.` : grantWrite;
  return refusedTo(what, hint, brokerName, refusal);
}

const grantConfigure =
  'Grant it `configure` on exchange and queue, `write` on the queue and `read` on the exchange; or run the commands of `feedferry check --print-topology` with another account.';

/** Undefined: the account may create the exchange. It does not. Never rejects. */
export async function mayCreateExchange(site: Site, name: string, type: string): Promise<BridgeError | undefined> {
  const refusal = await ask(site.model, site.brokerName, (channel) =>
    channel.assertExchange(name, type, { durable: true, arguments: { 'alternate-exchange': flawedName } }),
  );
  if (!refusal || refusal instanceof BridgeError) return refusal;
  if (refusal.code !== reply.refused) return undefined;
  return refusedTo(`create exchange ${name}`, grantConfigure, site.brokerName, refusal);
}

/** Undefined: the account may create the queue. It does not. Never rejects. */
export async function mayCreateQueue(site: Site, name: string): Promise<BridgeError | undefined> {
  const refusal = await ask(site.model, site.brokerName, (channel) =>
    channel.assertQueue(name, { durable: true, arguments: { 'x-dead-letter-exchange': flawedName } }),
  );
  if (!refusal || refusal instanceof BridgeError) return refusal;
  if (refusal.code !== reply.refused) return undefined;
  return refusedTo(`create queue ${name}`, grantConfigure, site.brokerName, refusal);
}

import type { ChannelModel } from 'amqplib';
import { BridgeError } from '../../core/errors.ts';
import { ask, type Refusal } from './asking.ts';
import { missingExchange, missingQueue, reply } from './classify.ts';
import type { Place } from './place.ts';
import type { Topology } from './topology-settings.ts';
import type { Host } from './url.ts';

/** Whom to ask, and what is wanted there. */
export interface Site {
  readonly model: ChannelModel;
  readonly host: Host;
  readonly brokerName: string;
  /** Default: the exchange must be there. */
  readonly topology: Topology | undefined;
}

function notShown(what: string, brokerName: string, { cause }: Refusal): BridgeError {
  return new BridgeError('BROKER_NOT_AUTHORISED', `${brokerName} does not let the account look at ${what}`, { cause });
}

/** Undefined when the exchange is there. Never rejects; may take for ever where the broker does not answer. */
export async function findExchange({ model, host, brokerName }: Site, name: string): Promise<BridgeError | undefined> {
  const refusal = await ask(model, brokerName, (channel) => channel.checkExchange(name));
  if (!refusal || refusal instanceof BridgeError) return refusal;
  if (refusal.code === reply.notFound) return missingExchange(name, host, brokerName, refusal.cause);
  return notShown(`exchange ${name}`, brokerName, refusal);
}

/** As `findExchange`. A queue that another connection has for itself alone is no good either. */
export async function findQueue({ model, host, brokerName }: Site, name: string): Promise<BridgeError | undefined> {
  const refusal = await ask(model, brokerName, (channel) => channel.checkQueue(name));
  if (!refusal || refusal instanceof BridgeError) return refusal;
  if (refusal.code === reply.notFound) return missingQueue(name, host, brokerName, refusal.cause);
  if (refusal.code !== reply.locked) return notShown(`queue ${name}`, brokerName, refusal);
  return new BridgeError('DESTINATION_MISMATCH', `queue ${name} belongs to one other connection (exclusive)`, {
    cause: refusal.cause,
  });
}

function refusedDeclaration(what: string, brokerName: string, { code, cause }: Refusal): BridgeError {
  if (code === reply.refused) {
    return new BridgeError('BROKER_NOT_AUTHORISED', `${brokerName} does not let the account create ${what}`, {
      hint: 'Grant it `configure` on exchange and queue, `write` on the queue and `read` on the exchange; or create them yourself, and set topology.mode: verify.',
      cause,
    });
  }
  if (code === reply.notFound) {
    return new BridgeError(
      'DESTINATION_MISSING',
      `${brokerName} could not create ${what}: a part of it is gone again`,
      {
        cause,
      },
    );
  }
  return new BridgeError('DESTINATION_MISMATCH', `${what} is there, but not as topology has it`, {
    hint: 'Set topology as it is (`rabbitmqctl list_exchanges name type durable arguments`, `list_queues name type durable arguments`), or delete and create it anew, or set mode: verify. Arguments of its own, such as an alternate exchange, are a difference too: a policy can set these instead.',
    cause,
  });
}

async function declare({ model, brokerName }: Site, topology: Topology, { exchange, queue, bindingKey = '' }: Place) {
  const steps: (readonly [string, Parameters<typeof ask>[2]])[] = [
    [`exchange ${exchange}`, (channel) => channel.assertExchange(exchange, topology.type, { durable: true })],
  ];
  if (queue !== undefined) {
    const options = { durable: true, arguments: { 'x-queue-type': topology.queueType ?? 'quorum' } };
    steps.push([`queue ${queue}`, (channel) => channel.assertQueue(queue, options)]);
    steps.push([
      `the binding of queue ${queue} to exchange ${exchange}`,
      (channel) => channel.bindQueue(queue, exchange, bindingKey),
    ]);
  }
  for (const [what, request] of steps) {
    const refusal = await ask(model, brokerName, request);
    if (refusal) return refusal instanceof BridgeError ? refusal : refusedDeclaration(what, brokerName, refusal);
  }
  return undefined;
}

/**
 * Sees to it that events can go there; undefined when they can. Creates only with `mode: declare`, and then again and
 * again with the same result. Never rejects; may take for ever where the broker does not answer.
 */
export async function prepare(site: Site, place: Place): Promise<BridgeError | undefined> {
  if (site.topology?.mode === 'declare') return await declare(site, site.topology, place);
  const missing = await findExchange(site, place.exchange);
  if (missing || place.queue === undefined) return missing;
  return await findQueue(site, place.queue);
}

import type { StoredEvent } from '../../conformance/sink/harness.ts';
import type { FaultSubject } from '../../conformance/sink-network/subject.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { bindQueue, declareExchange, drainQueue, manage, uniqueName } from './management.ts';
import { openSink } from './sink-calls.ts';
import type { StartedRabbitmq } from './started-rabbitmq.ts';
import { toStored } from './stored-event.ts';

export type QueueKind = 'quorum' | 'classic';

/** Where some feeds publish through a network of their own, with an account of their own. */
export interface FeedsPlace extends FaultSubject {
  /** Of the exchange, and of the queue that takes all of it. */
  readonly name: string;
  readonly account: { readonly username: string; readonly password: string };
}

const feeds = ['outages/one', 'outages/two', 'outages/three'] as const;

/** The management API answers when a queue has confirmed it: then there is one with a leader at work. */
async function expectConfirmed(broker: StartedRabbitmq, name: string): Promise<void> {
  const probe = { properties: { delivery_mode: 2 }, routing_key: 'probe', payload: '', payload_encoding: 'string' };
  const answer = await manage(broker, 'POST', `exchanges/%2F/${name}/publish`, probe);
  if (!(answer as { readonly routed: boolean }).routed) throw new Error(`no queue takes events of ${name}`);
  await drainQueue(broker, name);
}

async function createAccount(broker: StartedRabbitmq, name: string): Promise<FeedsPlace['account']> {
  const account = { username: name, password: `the-password-of-${name}` };
  await manage(broker, 'PUT', `users/${name}`, { password: account.password, tags: '' });
  await manage(broker, 'PUT', `permissions/%2F/${name}`, { configure: '', write: '.*', read: '' });
  return account;
}

/** Confirms are waited for during 1.5 s. */
export async function openFeedsPlace(broker: StartedRabbitmq, kind: QueueKind): Promise<FeedsPlace> {
  const name = uniqueName('outages');
  const account = await createAccount(broker, name);
  await declareExchange(broker, name);
  await bindQueue(broker, name, name, { settings: { 'x-queue-type': kind } });
  await expectConfirmed(broker, name);
  const proxy = await startFaultProxy(new URL(broker.url).host);
  const sink = await openSink(`amqp://${proxy.address}`, {
    broker: { ...account, confirmTimeout: '1500ms' },
    to: { exchange: name, routingKey: '{feed}.{type}' },
  });
  const stored: StoredEvent[] = [];
  return {
    name,
    account,
    sink,
    proxy,
    feeds,
    ordered: true,
    async read() {
      for (const message of await drainQueue(broker, name)) stored.push(toStored(message, 'structured'));
      return stored;
    },
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await manage(broker, 'DELETE', `queues/%2F/${name}`);
      await manage(broker, 'DELETE', `exchanges/%2F/${name}`);
      await manage(broker, 'DELETE', `users/${name}`);
    },
  };
}

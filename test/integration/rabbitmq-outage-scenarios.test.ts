import type { Outage, OutageHarness } from '../conformance/sink-outages/harness.ts';
import { sinkOutages } from '../conformance/sink-outages.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { type FeedsPlace, openFeedsPlace } from '../support/rabbitmq/feeds-place.ts';
import { bindQueue, declareExchange, deleteExchange, manage } from '../support/rabbitmq/management.ts';
import type { OwnRabbitmq } from '../support/rabbitmq/native-broker.ts';
import { writtenDown } from '../support/rabbitmq/written-down.ts';

interface Place extends FeedsPlace {
  connections(): number;
}

/** More than the broker of the suite takes. */
const tooLarge = 1_100_000;
/** In the queue, before it refuses more. */
const fewEvents = 100;

async function openPlace(rabbitmq: OwnRabbitmq): Promise<Place> {
  const place = await openFeedsPlace(rabbitmq, 'quorum');
  return { ...place, connections: place.proxy.connections };
}

function memory(rabbitmq: OwnRabbitmq, limit: string): Promise<string> {
  return rabbitmq.ctl('set_vm_memory_high_watermark', 'absolute', limit);
}

/** The process that is the queue: without it nothing is confirmed, while connections stay alive. */
function queueProcess(rabbitmq: OwnRabbitmq, { name }: Place, act: 'suspend' | 'resume'): Promise<string> {
  return rabbitmq.ctl('eval', `sys:${act}('%2F_${name}').`);
}

/** From now on, the queue takes so many events, and refuses the rest. */
async function limitQueue(rabbitmq: OwnRabbitmq, { name }: Place, events: number): Promise<void> {
  await manage(rabbitmq, 'PUT', `policies/%2F/${name}`, {
    pattern: `^${name}$`,
    definition: { 'max-length': events, overflow: 'reject-publish' },
    'apply-to': 'queues',
  });
}

/** Nobody tells the channels that were refused that the queue takes events again. */
async function liftLimit(rabbitmq: OwnRabbitmq, { name }: Place): Promise<void> {
  await manage(rabbitmq, 'DELETE', `policies/%2F/${name}`);
}

function unboundFor(rabbitmq: OwnRabbitmq, { name }: Place): Outage {
  const binding = `bindings/%2F/e/${name}/q/${name}`;
  return {
    kind: 'outage',
    told: 'DESTINATION_UNBOUND',
    begin: async () => void (await manage(rabbitmq, 'DELETE', `${binding}/%23`)),
    heal: async () => void (await manage(rabbitmq, 'POST', binding, { routing_key: '#' })),
  };
}

function otherPasswordFor(rabbitmq: OwnRabbitmq, { account }: Place): Outage {
  const { username, password } = account;
  const setPassword = (to: string) => manage(rabbitmq, 'PUT', `users/${username}`, { password: to, tags: '' });
  return {
    kind: 'outage',
    told: 'BROKER_AUTH_REFUSED',
    async begin() {
      await setPassword('another-one');
      await rabbitmq.ctl('close_all_user_connections', username, 'the password has changed');
    },
    heal: async () => void (await setPassword(password)),
  };
}

function harnessOn(rabbitmq: OwnRabbitmq): OutageHarness<Place> {
  return {
    name: 'rabbitmq (quorum queue)',
    open: () => openPlace(rabbitmq),
    faults: {
      'killed and restarted': () => ({
        kind: 'outage',
        told: 'BROKER_UNREACHABLE',
        async begin() {
          await writtenDown(rabbitmq);
          await rabbitmq.kill9();
        },
        heal: rabbitmq.restart,
      }),
      frozen: () => ({
        kind: 'outage',
        told: 'BROKER_TIMEOUT',
        begin: rabbitmq.freeze,
        heal: async () => rabbitmq.thaw(),
      }),
      'confirms withheld, released late': (place) => ({
        kind: 'outage',
        told: 'BROKER_TIMEOUT',
        begin: async () => void (await queueProcess(rabbitmq, place, 'suspend')),
        heal: async () => void (await queueProcess(rabbitmq, place, 'resume')),
      }),
      'refused for now (nack)': (place) => ({
        kind: 'outage',
        told: 'BROKER_UNAVAILABLE',
        begin: () => limitQueue(rabbitmq, place, fewEvents),
        heal: () => liftLimit(rabbitmq, place),
      }),
      'nothing bound': (place) => unboundFor(rabbitmq, place),
      'destination deleted and created again': ({ name }) => ({
        kind: 'outage',
        told: 'DESTINATION_MISSING',
        begin: () => deleteExchange(rabbitmq, name),
        async heal() {
          await declareExchange(rabbitmq, name);
          await bindQueue(rabbitmq, name, name, { settings: { 'x-queue-type': 'quorum' } });
        },
      }),
      'memory alarm': () => ({
        kind: 'outage',
        told: 'BROKER_UNAVAILABLE',
        begin: async () => void (await memory(rabbitmq, '1MB')),
        heal: async () => void (await memory(rabbitmq, '512MB')),
      }),
      'poison neighbour': () => ({ kind: 'poison', bytes: tooLarge, code: 'EVENT_TOO_LARGE' }),
      'part of each batch refused': { unsupported: 'RabbitMQ knows no batches: each event has a confirm of its own' },
      throttled: { unsupported: 'RabbitMQ reads more slowly: see the slow network in rabbitmq-network-faults' },
      '5xx answers': { unsupported: 'AMQP has none: see the memory alarm, and what is refused for now' },
      'credentials refused in mid-run': (place) => otherPasswordFor(rabbitmq, place),
      'leaders moved': { unsupported: 'there is one node; no test has a cluster of RabbitMQ' },
    },
  };
}

const suite = await ownRabbitmqSuite();

suite('the RabbitMQ sink, through outages:', (rabbitmq) => sinkOutages(harnessOn(rabbitmq)));

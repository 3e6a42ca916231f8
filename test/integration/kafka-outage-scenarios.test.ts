import type { StoredEvent } from '../conformance/sink/harness.ts';
import type { Outage, OutageHarness } from '../conformance/sink-outages/harness.ts';
import { sinkOutages } from '../conformance/sink-outages.ts';
import type { FaultProxy } from '../support/fault-proxy/fault-proxy.ts';
import { proxiedKafkaSuite } from '../support/kafka/acquire.ts';
import { type FeedsPlace, openFeedsPlace } from '../support/kafka/feeds-place.ts';
import type { ProxiedKafka } from '../support/kafka/proxied-broker.ts';
import { setProduceQuota } from '../support/kafka/quota.ts';
import { setScramPassword } from '../support/kafka/scram-user.ts';
import { saslUser } from '../support/kafka/server-properties.ts';
import { clients } from '../support/kafka/sink-calls.ts';
import { createTopics, deleteTopic } from '../support/kafka/topics.ts';

interface Place extends FeedsPlace {
  connections(): number;
  /** Keeps what is stored, before its topics are deleted. */
  keep(): Promise<void>;
}

const partitions = 2;
/** Some hundred events in one send are fine, and one that is larger stands among them. */
const limit = { 'max.message.bytes': '200000' };
const tooLarge = 300_000;
const bytesPerSecond = 10_000;

async function openPlace(bootstrap: string, proxy: FaultProxy, client: (typeof clients)[number]): Promise<Place> {
  const sasl = { mechanism: 'scram-sha-256', ...saslUser };
  const place = await openFeedsPlace(bootstrap, proxy, { client, broker: { sasl }, config: limit });
  const kept: StoredEvent[] = [];
  return {
    ...place,
    connections: proxy.connections,
    read: async () => [...kept, ...(await place.read())],
    keep: async () => void kept.push(...(await place.read())),
  };
}

function deletedFor(bootstrap: string, { topics, keep }: Place): Outage {
  return {
    kind: 'outage',
    told: 'DESTINATION_MISSING',
    destroys: true,
    async begin() {
      await keep();
      await Promise.all(topics.map((topic) => deleteTopic(bootstrap, topic)));
    },
    heal: () => createTopics(bootstrap, topics, { partitions, config: limit }),
  };
}

function otherPasswordFor(bootstrap: string, { proxy }: Place): Outage {
  return {
    kind: 'outage',
    told: 'BROKER_AUTH_REFUSED',
    async begin() {
      await setScramPassword(bootstrap, 'another-one');
      proxy.reset();
    },
    heal: () => setScramPassword(bootstrap),
  };
}

function harnessFor(kafka: ProxiedKafka, at: number, client: (typeof clients)[number]): OutageHarness<Place> {
  const { bootstrap, proxies } = kafka;
  return {
    name: `kafka (${client})`,
    async open() {
      const proxy = proxies[at];
      if (!proxy) throw new Error(`${client} has no network`);
      return await openPlace(bootstrap, proxy, client);
    },
    faults: {
      'killed and restarted': () => ({
        kind: 'outage',
        told: 'BROKER_UNREACHABLE',
        begin: kafka.kill9,
        heal: kafka.restart,
      }),
      frozen: () => ({
        kind: 'outage',
        told: 'BROKER_TIMEOUT',
        begin: kafka.freeze,
        heal: async () => kafka.thaw(),
      }),
      'confirms withheld, released late': ({ proxy }) => ({
        kind: 'outage',
        told: 'BROKER_TIMEOUT',
        begin: async () => proxy.halfBlackhole(),
        heal: proxy.heal,
      }),
      'refused for now (nack)': {
        unsupported: 'one node has all replicas in sync: see too few of them in kafka-isolation-cluster',
      },
      'nothing bound': { unsupported: 'Kafka keeps what a topic has, whether anybody reads it or not' },
      'destination deleted and created again': (place) => deletedFor(bootstrap, place),
      'memory alarm': { unsupported: 'Kafka has no such alarm: see throttled' },
      'poison neighbour': () => ({ kind: 'poison', bytes: tooLarge, code: 'EVENT_TOO_LARGE' }),
      'part of each batch refused': {
        unsupported: 'a partition takes all of a send or nothing: see poison neighbour, and kafka-large-events',
      },
      throttled: () => ({
        kind: 'outage',
        told: 'nothing',
        begin: () => setProduceQuota(bootstrap, bytesPerSecond),
        heal: () => setProduceQuota(bootstrap, undefined),
      }),
      '5xx answers': { unsupported: 'its codes are told apart one by one: see test/unit/sinks-kafka' },
      'credentials refused in mid-run': (place) => otherPasswordFor(bootstrap, place),
      'leaders moved': { unsupported: 'there is one node: see kafka-cluster-leaders and kafka-cluster in test/crash' },
    },
  };
}

const suite = await proxiedKafkaSuite(clients.length, { login: true });

suite('the Kafka sink, through outages:', (kafka) => {
  for (const [at, client] of clients.entries()) sinkOutages(harnessFor(kafka, at, client));
});

import type { Ports } from './free-ports.ts';

/** Who the SASL listener lets in, by PLAIN. */
export const saslUser = { username: 'ferry', password: 'open-sesame' } as const;

const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${saslUser.username}="${saslUser.password}";`;

/** Settings of a single node that is broker and controller, on loopback, quick to start and to come back after a kill -9. */
export function serverProperties(
  { plain, sasl, controller }: Ports,
  logDir: string,
  more: Readonly<Record<string, string>>,
): string {
  const advertised = `PLAINTEXT://127.0.0.1:${plain},SASL://127.0.0.1:${sasl}`;
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `${advertised},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': advertised,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl.plain.sasl.jaas.config': jaas,
    // Everything is allowed until a test says otherwise for one of its topics.
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
    'log.dirs': logDir,
    'auto.create.topics.enable': 'false',
    'num.partitions': '1',
    'default.replication.factor': '1',
    'min.insync.replicas': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '4194304',
    'log.index.size.max.bytes': '1048576',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'background.threads': '2',
    // Else a restart after kill -9 waits for the 9 s session of the dead incarnation.
    'broker.session.timeout.ms': '1500',
    'broker.heartbeat.interval.ms': '300',
    ...more,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** `node.id` of a cluster's node. */
export function nodeId(index: number): number {
  return index + 1;
}

/** The same for one node of a cluster that keeps everything on all of them, and writes while two are there. */
export function clusterProperties(ports: readonly Ports[], index: number, logDir: string): string {
  const own = ports[index];
  if (!own) throw new Error(`the cluster has no node ${index}`);
  const all = String(ports.length);
  return serverProperties(own, logDir, {
    'node.id': String(nodeId(index)),
    'controller.quorum.voters': ports.map(({ controller }, at) => `${nodeId(at)}@127.0.0.1:${controller}`).join(','),
    // It would answer its fellow controllers only once they have chosen a leader.
    'authorizer.class.name': '',
    'default.replication.factor': all,
    'min.insync.replicas': '2',
    'offsets.topic.replication.factor': all,
    'transaction.state.log.replication.factor': all,
    'transaction.state.log.min.isr': '2',
    'share.coordinator.state.topic.replication.factor': all,
    'share.coordinator.state.topic.min.isr': '2',
    'replica.lag.time.max.ms': '3000',
    'controller.quorum.fetch.timeout.ms': '1000',
    // A partition goes back to its preferred leader within a second; else within minutes.
    'leader.imbalance.check.interval.seconds': '1',
    'leader.imbalance.per.broker.percentage': '0',
  });
}

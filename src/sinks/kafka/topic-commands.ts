import { shellWord } from '../shell-word.ts';
import type { KafkaBroker } from './config.ts';

type Access = Pick<KafkaBroker, 'bootstrap' | 'tls' | 'sasl'>;

function isSecured({ tls, sasl }: Access): boolean {
  return tls !== false || sasl !== undefined;
}

function command(tool: string, access: Access, options: readonly string[]): string {
  const server = ['--bootstrap-server', access.bootstrap.join(',')];
  const login = isSecured(access) ? ['--command-config', 'client.properties'] : [];
  return [tool, ...server, ...login, ...options].map(shellWord).join(' ');
}

/** As many replicas as promise most on so many brokers. When that is not known, what the broker is set to. */
function replication(brokers: number | undefined): readonly string[] {
  if (brokers === undefined) return [];
  if (brokers < 3) return ['--replication-factor', String(Math.max(brokers, 1))];
  return ['--replication-factor', '3', '--config', 'min.insync.replicas=2'];
}

export function createTopicCommand(topic: string, access: Access, brokers: number | undefined): string {
  return command('kafka-topics.sh', access, [
    ...['--create', '--topic', topic, '--partitions', '3'],
    ...replication(brokers),
  ]);
}

/**
 * One partition, as no other one is used. Compacted soon and in small segments, so that the last mark of a feed that
 * rests is near the end.
 */
export function createMarksCommand(topic: string, access: Access, brokers: number | undefined): string {
  return command('kafka-topics.sh', access, [
    ...['--create', '--topic', topic, '--partitions', '1'],
    ...replication(brokers),
    ...['--config', 'cleanup.policy=compact', '--config', 'segment.ms=600000', '--config', 'segment.bytes=16777216'],
  ]);
}

/** `setting`: as in `min.insync.replicas=2`. */
export function alterTopicCommand(topic: string, access: Access, setting: string): string {
  return command('kafka-configs.sh', access, [
    ...['--alter', '--entity-type', 'topics', '--entity-name', topic],
    ...['--add-config', setting],
  ]);
}

/** What to know of such commands, as the end of a hint. */
export function loginHint(access: Access): string {
  return isSecured(access)
    ? ' The file client.properties gives the Kafka tools the credentials and the TLS trust.'
    : '';
}

import { startOwnContainer } from '../container/own-container.ts';
import { freePorts } from './free-ports.ts';
import { serverProperties } from './server-properties.ts';
import type { StartedKafka } from './started-kafka.ts';

/** `log.dirs` becomes KAFKA_LOG_DIRS: how the image takes the settings of a broker. */
function toEnvironment(properties: string): Record<string, string> {
  const lines = properties.split('\n').filter((line) => line !== '');
  const entries = lines.map((line) => {
    const at = line.indexOf('=');
    return [`KAFKA_${line.slice(0, at).toUpperCase().replaceAll('.', '_')}`, line.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** Starts the pinned image on the network of this machine, listening on loopback only. Rejects quickly where no engine answers. */
export async function startContainerKafka(): Promise<StartedKafka> {
  const ports = await freePorts();
  const { stop } = await startOwnContainer({
    image: 'kafka',
    environment: toEnvironment(serverProperties(ports, '/tmp/kafka-logs', {})),
    up: /Kafka Server started/,
  });
  return { bootstrap: `127.0.0.1:${ports.plain}`, stop };
}

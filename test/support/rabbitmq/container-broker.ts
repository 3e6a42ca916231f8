import { startOwnContainer } from '../container/own-container.ts';
import type { OwnRabbitmq } from './native-broker.ts';
import { erlangOptions, freeRabbitmqPorts, nodeName, serverSettings } from './server-files.ts';

/**
 * Starts the pinned image on the network of this machine, listening on loopback only. Rejects quickly where no engine
 * answers. `settings`: lines of rabbitmq.conf.
 */
export async function startContainerRabbitmq(settings: readonly string[] = []): Promise<OwnRabbitmq> {
  const ports = await freeRabbitmqPorts();
  const node = nodeName(ports);
  const { exec, ...container } = await startOwnContainer({
    image: 'rabbitmq',
    environment: {
      ERL_EPMD_PORT: String(ports.epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: node,
      RABBITMQ_DIST_PORT: String(ports.distribution),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: erlangOptions,
    },
    files: {
      '/etc/rabbitmq/rabbitmq.conf': serverSettings(ports, settings),
      '/etc/rabbitmq/enabled_plugins': '[rabbitmq_management].',
    },
    up: /Server startup complete/,
  });
  return {
    ...container,
    url: `amqp://127.0.0.1:${ports.amqp}`,
    management: `http://127.0.0.1:${ports.management}`,
    username: 'guest',
    password: 'guest',
    ctl: (...args) => exec('rabbitmqctl', '-q', '-n', node, ...args),
  };
}

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePortNumbers } from '../free-ports.ts';

/** What a node listens on, all of it on loopback. */
export interface Ports {
  readonly amqp: number;
  readonly management: number;
  /** Where nodes look for each other, and the distribution of Erlang: for `rabbitmqctl`. */
  readonly epmd: number;
  readonly distribution: number;
}

/** A node's folder, and what its processes and `rabbitmqctl` find in their environment. */
export interface ServerFiles {
  readonly ports: Ports;
  readonly env: Readonly<Record<string, string>>;
}

export async function freeRabbitmqPorts(): Promise<Ports> {
  const [amqp = 0, management = 0, epmd = 0, distribution = 0] = await freePortNumbers(4);
  return { amqp, management, epmd, distribution };
}

export function nodeName({ amqp }: Ports): string {
  return `feedferry${amqp}@localhost`;
}

/** The distribution on loopback, and no turning idle: other tests need the processor. */
export const erlangOptions = '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none';

/** The text of rabbitmq.conf. `settings`: more lines. */
export function serverSettings({ amqp, management }: Ports, settings: readonly string[]): string {
  const lines = [
    `listeners.tcp.default = 127.0.0.1:${amqp}`,
    `management.tcp.ip = 127.0.0.1`,
    `management.tcp.port = ${management}`,
    'log.console = true',
    'log.file = false',
    'disk_free_limit.absolute = 50MB',
    'vm_memory_high_watermark.absolute = 512MB',
    ...settings,
  ];
  return `${lines.join('\n')}\n`;
}

export async function writeServerFiles(dir: string, settings: readonly string[]): Promise<ServerFiles> {
  const ports = await freeRabbitmqPorts();
  const file = (name: string) => join(dir, name);
  await mkdir(dir, { recursive: true });
  await Promise.all([
    writeFile(file('rabbitmq.conf'), serverSettings(ports, settings)),
    writeFile(file('enabled_plugins'), '[rabbitmq_management,rabbitmq_auth_mechanism_ssl].'),
    writeFile(file('no-env.conf'), ''),
    writeFile(file('.erlang.cookie'), randomBytes(16).toString('hex'), { mode: 0o400 }),
  ]);
  return {
    ports,
    env: {
      PATH: process.env['PATH'] ?? '',
      LANG: 'C.UTF-8',
      HOME: dir,
      ERL_EPMD_PORT: String(ports.epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: nodeName(ports),
      RABBITMQ_DIST_PORT: String(ports.distribution),
      RABBITMQ_MNESIA_BASE: file('data'),
      RABBITMQ_LOG_BASE: file('log'),
      RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: file('no-env.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins'),
      RABBITMQ_GENERATED_CONFIG_DIR: file('data/config'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-start_epmd false ${erlangOptions}`,
      // The script then becomes the server, instead of minding it.
      RUNNING_UNDER_SYSTEMD: 'true',
    },
  };
}

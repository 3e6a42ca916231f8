import { shellWord } from '../shell-word.ts';
import type { RabbitmqBroker } from './config.ts';
import type { Topology } from './topology-settings.ts';
import { type Host, vhostOf } from './url.ts';

/** Makes commands that ask the management API, with the password from the environment. */
export interface Commands {
  exchange(name: string): string;
  queue(name: string): string;
  binding(exchange: string, queue: string, bindingKey: string | undefined): string;
}

type Access = Pick<RabbitmqBroker, 'username' | 'management'>;

/** Where the API answers: as the settings have it, else at the usual port of the host. */
function apiOptions({ hostname }: Host, { management }: Access): readonly string[] {
  if (management === undefined) return [`--host=${hostname}`];
  const url = new URL(typeof management === 'string' ? management : management.url);
  const encrypted = url.protocol === 'https:';
  const path = url.pathname.replace(/\/+$/, '');
  return [
    `--host=${url.hostname}`,
    `--port=${url.port === '' ? (encrypted ? 443 : 80) : url.port}`,
    ...(encrypted ? ['--ssl'] : []),
    ...(path === '' ? [] : [`--path-prefix=${path}`]),
  ];
}

/** What they create survives a restart. */
export function createCommands(host: Host, access: Access, topology: Topology | undefined): Commands {
  const { username } = access;
  const login = username === undefined ? [] : [`--username=${shellWord(username)}`, '--password="$RABBITMQ_PASSWORD"'];
  const place = [...apiOptions(host, access), `--vhost=${vhostOf(host)}`].map(shellWord);
  const declare = (what: string, ...settings: readonly string[]) =>
    ['rabbitmqadmin', ...place, ...login, 'declare', what, ...settings.map(shellWord)].join(' ');
  return {
    exchange: (name) => declare('exchange', `name=${name}`, `type=${topology?.type ?? 'topic'}`, 'durable=true'),
    queue: (name) =>
      declare('queue', `name=${name}`, 'durable=true', `arguments=${queueArguments(topology?.queueType ?? 'quorum')}`),
    binding: (exchange, queue, bindingKey) =>
      declare(
        'binding',
        `source=${exchange}`,
        `destination=${queue}`,
        ...(bindingKey === undefined ? [] : [`routing_key=${bindingKey}`]),
      ),
  };
}

function queueArguments(type: string): string {
  return JSON.stringify({ 'x-queue-type': type });
}

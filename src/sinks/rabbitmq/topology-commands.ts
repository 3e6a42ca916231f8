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

/** What they create survives a restart. */
export function createCommands(
  host: Host,
  { username }: Pick<RabbitmqBroker, 'username'>,
  topology: Topology | undefined,
): Commands {
  const login = username === undefined ? [] : [`--username=${shellWord(username)}`, '--password="$RABBITMQ_PASSWORD"'];
  const place = [`--host=${shellWord(host.hostname)}`, `--vhost=${shellWord(vhostOf(host))}`];
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

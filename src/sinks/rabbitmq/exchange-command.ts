import { shellWord } from '../shell-word.ts';
import type { RabbitmqBroker } from './config.ts';
import { type Host, vhostOf } from './url.ts';

/** Creates an exchange that survives a restart. It asks the management API, with the password from the environment. */
export function declareExchangeCommand(
  exchange: string,
  host: Host,
  { username }: Pick<RabbitmqBroker, 'username'>,
): string {
  const login = username === undefined ? [] : [`--username=${shellWord(username)}`, '--password="$RABBITMQ_PASSWORD"'];
  const words = [
    'rabbitmqadmin',
    `--host=${shellWord(host.hostname)}`,
    `--vhost=${shellWord(vhostOf(host))}`,
    ...login,
  ];
  return [...words, 'declare exchange', shellWord(`name=${exchange}`), 'type=topic durable=true'].join(' ');
}

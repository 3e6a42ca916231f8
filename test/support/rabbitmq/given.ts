import type { StartedRabbitmq } from './started-rabbitmq.ts';

export const given = 'FEEDFERRY_TEST_RABBITMQ';

/**
 * The broker at FEEDFERRY_TEST_RABBITMQ, as in `amqp://user:password@host:5672`, with its management API at
 * FEEDFERRY_TEST_RABBITMQ_MANAGEMENT (default: port 15672 of the same host). Undefined when none is given. Throws for one
 * that the tests cannot use.
 */
export function givenRabbitmq(environment: NodeJS.ProcessEnv = process.env): StartedRabbitmq | undefined {
  const address = environment[given];
  if (!address) return undefined;
  if (!URL.canParse(address)) throw new Error(`${given} is no URL such as amqp://user:password@host:5672`);
  const { protocol, host, hostname, username, password, pathname } = new URL(address);
  if (!['', '/', '/%2F', '/%2f'].includes(pathname)) throw new Error(`${given}: the tests use the virtual host / only`);
  return {
    url: `${protocol}//${host}`,
    management: environment[`${given}_MANAGEMENT`] || `http://${hostname}:15672`,
    username: decodeURIComponent(username) || 'guest',
    password: decodeURIComponent(password) || 'guest',
    stop: async () => {},
  };
}

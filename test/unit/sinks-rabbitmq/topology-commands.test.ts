import { expect, test } from 'vitest';
import { createCommands } from '../../../src/sinks/rabbitmq/topology-commands.ts';
import { hostOf } from '../../../src/sinks/rabbitmq/url.ts';

const host = hostOf('amqps://rabbit/prod');

test('commands take the password from the environment, and ask the usual port', () => {
  const { exchange } = createCommands(host, { username: "o'neil" }, undefined);
  expect(exchange('os1')).toBe(
    `rabbitmqadmin --host=rabbit --vhost=prod --username='o'\\''neil' --password="$RABBITMQ_PASSWORD" declare exchange name=os1 type=topic durable=true`,
  );
});

test.each([
  ['http://watch:15672', '--host=watch --port=15672'],
  ['https://watch', '--host=watch --port=443 --ssl'],
  ['https://watch:15671/rabbit/', '--host=watch --port=15671 --ssl --path-prefix=/rabbit'],
])('where the management API is at %s, commands ask it there', (management, options) => {
  const { binding } = createCommands(host, { management }, undefined);
  expect(binding('os1', 'all', '#')).toBe(
    `rabbitmqadmin ${options} --vhost=prod declare binding source=os1 destination=all 'routing_key=#'`,
  );
});

test.each([
  [undefined, 'quorum'],
  [{ mode: 'declare', type: 'fanout', queue: 'all', queueType: 'classic' } as const, 'classic'],
])('a queue is of the type that topology has: %j', (topology, type) => {
  const { queue } = createCommands(host, {}, topology);
  expect(queue('all')).toContain(`declare queue name=all durable=true 'arguments={"x-queue-type":"${type}"}'`);
});

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { rabbitmqBroker } from '../../../src/sinks/rabbitmq/config.ts';
import { openManagement } from '../../../src/sinks/rabbitmq/management-client.ts';

async function withServer<Result>(listener: RequestListener, work: (url: string) => Promise<Result>): Promise<Result> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/rabbit/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function get(listener: RequestListener, signal = AbortSignal.timeout(20_000)): Promise<unknown> {
  return withServer(listener, async (management) => {
    const login = { username: 'ferry', password: 'hunter2' };
    const broker = rabbitmqBroker.parse({ type: 'rabbitmq', url: 'amqp://rabbit', ...login, management });
    return await openManagement(broker, 'rabbit')?.get(['exchanges', '/', 'a b'], signal);
  });
}

test('names are escaped, below the path of the address, and the login is that of the broker', async () => {
  expect(await get(({ url, headers }, response) => response.end(JSON.stringify([url, headers.authorization])))).toEqual(
    ['/rabbit/api/exchanges/%2F/a%20b', `Basic ${Buffer.from('ferry:hunter2').toString('base64')}`],
  );
});

test('what is not there is undefined', async () => {
  expect(await get((_, response) => response.writeHead(404).end())).toBeUndefined();
});

test.each<[string, string, RequestListener]>([
  ['a refusal', 'BROKER_NOT_AUTHORISED', (_, response) => response.writeHead(401).end()],
  ['a failure', 'BROKER_UNAVAILABLE', (_, response) => response.writeHead(500).end()],
  ['another page', 'BROKER_UNREACHABLE', (_, response) => response.end('<html>')],
  ['a connection that breaks', 'BROKER_UNREACHABLE', ({ socket }) => socket.destroy()],
  [
    'an answer without end',
    'BROKER_UNREACHABLE',
    (_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(1024 ** 2)));
      };
      response.on('drain', more);
      more();
    },
  ],
])('%s is %s, and gives no secret away', async (_, code, listener) => {
  const answer = await get(listener);
  expect(answer).toMatchObject({ code });
  expect(String(answer)).not.toContain('hunter2');
});

test('silence ends when the check does', async () => {
  const late = new BridgeError('BROKER_TIMEOUT', 'too late');
  const controller = new AbortController();
  expect(await get(() => controller.abort(late), controller.signal)).toBe(late);
});

import { once } from 'node:events';
import { createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { event, openSink, publish, routed } from '../../support/rabbitmq/sink-calls.ts';
import { makeCertificates } from '../http/support/certificates.ts';

const { ca, server: pair } = makeCertificates();

test.each([
  ['localhost', 'localhost'],
  ['127.0.0.1', false],
])('the broker at %s is asked for by its name, and never by an address', async (host, asked) => {
  const names: unknown[] = [];
  const server = createServer({ ...pair }, (socket) => {
    names.push(socket.servername);
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    await using sink = await openSink(`amqps://${host}:${port}`, { broker: { tls: { ca } } });
    expect(await publish(sink, routed(sink, [event('any')]))).toMatchObject([{ status: 'failed' }]);
    expect(new Set(names)).toEqual(new Set([asked]));
  } finally {
    server.close();
  }
});

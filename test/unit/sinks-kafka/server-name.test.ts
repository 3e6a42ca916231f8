import { createServer, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { event, openSink, publish } from '../../support/kafka/sink-calls.ts';
import { makeCertificates } from '../http/support/certificates.ts';

const { ca, server: pair } = makeCertificates();

/** Takes connections, remembers which server they asked for, and ends them. */
async function startServer() {
  const names: unknown[] = [];
  const server = createServer({ ...pair }, (socket: TLSSocket) => {
    names.push(socket.servername);
    socket.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    names,
    port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

test.each([
  ['platformatic', 'localhost', 'localhost'],
  ['kafkajs', 'localhost', 'localhost'],
  ['platformatic', '127.0.0.1', false],
  ['kafkajs', '127.0.0.1', false],
])('%s asks for the server %s by its name, and never by an address', async (client, host, asked) => {
  await using server = await startServer();
  await using sink = await openSink(`${host}:${server.port}`, {
    broker: { client, tls: { ca }, confirmTimeout: '1s' },
  });
  expect(await publish(sink, [event('topic')])).toMatchObject([{ status: 'failed' }]);
  expect(new Set(server.names)).toEqual(new Set([asked]));
});

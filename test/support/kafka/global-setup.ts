import { once } from 'node:events';
import { createServer } from 'node:http';
import { createSharedBroker } from './shared-broker.ts';

/**
 * Vitest's own process keeps the broker that the test files of a run share, and starts it when the first of them asks:
 * test files run in processes of their own, so they ask over HTTP (see acquire.ts).
 */
export async function setup(): Promise<() => Promise<void>> {
  const broker = createSharedBroker();
  const server = createServer((_request, response) => {
    void broker.find().then((found) => response.end(JSON.stringify(found)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address) {
    process.env['FEEDFERRY_TEST_KAFKA_KEEPER'] = `http://127.0.0.1:${address.port}/`;
  }
  return async () => {
    server.closeAllConnections();
    server.close();
    await broker.stop();
  };
}

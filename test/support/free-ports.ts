import { createServer, type Server } from 'node:net';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Ports of loopback that were free a moment ago, all different, for servers that cannot choose their own. */
export async function freePortNumbers(count: number): Promise<readonly number[]> {
  const held = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(held.map(listen));
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

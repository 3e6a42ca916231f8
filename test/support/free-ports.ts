import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/*
 * Below what systems give to connections and to servers that ask for any port (from 32768 on Linux, 49152 elsewhere): one of
 * those could be taken again before the server that it is for has it.
 */
const lowest = 15_000;
const highest = 32_767;

/** Holds a port that is free. */
async function hold(server: Server): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest + 1);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const taken = () => resolve(false);
    server.once('error', taken).listen(port, '127.0.0.1', () => resolve(true));
    const held = await promise;
    server.off('error', taken);
    if (held) return port;
    server.removeAllListeners('listening');
  }
}

/** Ports of loopback that were free a moment ago, all different, for servers that cannot choose their own. */
export async function freePortNumbers(count: number): Promise<readonly number[]> {
  const held = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(held.map(hold));
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

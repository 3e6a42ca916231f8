import { createServer, type Server } from 'node:net';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** What a broker listens on. */
export interface Ports {
  /** No encryption, no credentials. */
  readonly plain: number;
  /** Wants credentials. */
  readonly sasl: number;
  readonly controller: number;
}

/** Ports of loopback that were free a moment ago, all different: Kafka cannot be told to choose its own. */
export async function freePortsFor(nodes: number): Promise<readonly Ports[]> {
  const held: Server[] = [];
  const take = () => {
    const server = createServer();
    held.push(server);
    return listen(server);
  };
  const found = await Promise.all(
    Array.from({ length: nodes }, async () => {
      const [plain, sasl, controller] = await Promise.all([take(), take(), take()]);
      return { plain, sasl, controller };
    }),
  );
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}

/** The same for one broker. */
export async function freePorts(): Promise<Ports> {
  const [ports] = await freePortsFor(1);
  if (!ports) throw new Error('no ports');
  return ports;
}

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

/** Ports of loopback that were free a moment ago: Kafka cannot be told to choose its own. */
export async function freePorts(): Promise<Ports> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const [plain, sasl, controller] = await Promise.all([listen(servers[0]), listen(servers[1]), listen(servers[2])]);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { plain, sasl, controller };
}

import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import type { ListenAddress } from '../config/configuration.ts';
import { BridgeError } from '../core/errors.ts';
import { hostAndPort } from './host-and-port.ts';

/** A listener that is open; disposing of it cuts what is still connected. */
export interface Listener extends AsyncDisposable {
  /** `host:port`, with the port really taken. */
  readonly address: string;
}

/** A server that waits at most 10 s for a request to arrive, and takes 1 MiB of it. */
export function createServer(): FastifyInstance {
  return fastify({
    logger: false,
    requestTimeout: 10_000,
    keepAliveTimeout: 5_000,
    bodyLimit: 1024 ** 2,
    forceCloseConnections: true,
  });
}

/** Rejects with LISTEN_FAILED. */
export async function listen(server: FastifyInstance, name: string, { host, port }: ListenAddress): Promise<Listener> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    const because = error instanceof Error ? error.message : String(error);
    throw new BridgeError(
      'LISTEN_FAILED',
      `the ${name} listener cannot be opened on ${hostAndPort(host, port)}: ${because}`,
      {
        cause: error,
        hint: `Free the port, or choose another one under listen.${name}.`,
      },
    );
  }
  const bound = server.server.address() as AddressInfo;
  return {
    address: hostAndPort(host, bound.port),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

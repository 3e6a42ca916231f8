import type { ListenAddress } from '../config/configuration.ts';
import { BridgeError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import type { Operations } from '../operations/operations.ts';
import { errorBody, requestError, statusOf } from './admin-error.ts';
import { judgeCaller } from './admin-guard.ts';
import { addAdminRoutes } from './admin-routes.ts';
import { createServer, type Listener, listen } from './listener.ts';

export interface AdminOptions {
  readonly address: ListenAddress;
  /** Absent: only programs on this machine are served. */
  readonly token?: Secret | undefined;
  readonly operations: Operations;
}

/** What the command line needs of a running daemon, and no more. Rejects with LISTEN_FAILED. */
export async function openAdminListener({ address, token, operations }: AdminOptions): Promise<Listener> {
  const server = createServer();
  server.removeContentTypeParser('text/plain');

  server.addHook('onRequest', async (request, reply) => {
    const { method, headers, socket } = request;
    const refusal = judgeCaller({ method, headers, peer: socket.remoteAddress }, token);
    if (refusal === undefined) return;
    if (refusal.status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.code(refusal.status).send(errorBody(refusal.error));
  });
  server.setErrorHandler((error, _request, reply) => {
    const known = requestError(error);
    return reply.code(statusOf(known)).send(errorBody(known));
  });
  server.setNotFoundHandler((request, reply) => {
    const error = new BridgeError('NOT_FOUND', `the admin listener has no ${request.method} ${request.url}`);
    return reply.code(404).send(errorBody(error));
  });

  addAdminRoutes(server, operations);
  return listen(server, 'admin', address);
}

import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:<port>` or its https sibling. */
  readonly url: string;
  /** How many connections it has taken. */
  readonly connections: () => number;
  /** How many of them are open. */
  readonly open: () => number;
}

export async function listen(server: Server, scheme: 'http' | 'https' = 'http'): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let taken = 0;
  server.on('connection', (socket: Socket) => {
    taken += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    connections: () => taken,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export function serveHttp(listener: RequestListener): Promise<TestServer> {
  return listen(http.createServer(listener));
}

export function serveHttps(options: https.ServerOptions, listener: RequestListener): Promise<TestServer> {
  return listen(https.createServer(options, listener), 'https');
}

/** A server below HTTP: `answer` gets each socket when the first bytes of a request have arrived. */
export function serveRaw(answer: (socket: Socket) => void): Promise<TestServer> {
  return listen(net.createServer((socket) => socket.once('data', () => answer(socket))));
}

/** A port where nothing listens. */
export async function closedPort(): Promise<number> {
  await using server = await listen(net.createServer());
  return server.port;
}

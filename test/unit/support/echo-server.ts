import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How a connection has ended, as one side of it sees that. */
export type Ending = 'open' | 'ended' | 'ECONNRESET' | string;

/** One side of a connection, with all that came to it. */
export interface Side {
  readonly socket: Socket;
  received(): string;
  /** How many pieces it came in. */
  pieces(): number;
  ending(): Ending;
}

function watch(socket: Socket): Side {
  const pieces: string[] = [];
  let ending: Ending = 'open';
  socket.on('data', (piece) => pieces.push(piece.toString()));
  socket.on('end', () => {
    ending = 'ended';
  });
  socket.on('error', (error) => {
    ending = 'code' in error ? String(error.code) : error.message;
  });
  return {
    socket,
    received: () => pieces.join(''),
    pieces: () => pieces.length,
    ending: () => ending,
  };
}

export interface EchoServer extends AsyncDisposable {
  readonly address: string;
  /** Its side of each connection, in the order of connecting. */
  readonly sides: readonly Side[];
}

/** Answers each connection with what comes, and ends it when the other side does. `deaf`: it reads nothing. */
export async function startEchoServer({ deaf = false } = {}): Promise<EchoServer> {
  const sides: Side[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (!deaf) socket.pipe(socket);
    sides.push(watch(socket));
    if (deaf) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sides,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const { socket } of sides) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}

/** Resolves when connected; rejects with the reason where it is not. */
export async function dial(port: number): Promise<Side & Disposable> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return { ...watch(socket), [Symbol.dispose]: () => void socket.destroy() };
}

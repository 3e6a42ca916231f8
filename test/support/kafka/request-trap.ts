import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A request of Kafka's protocol that passes. */
export interface SeenRequest {
  readonly api: number;
  readonly bytes: Buffer;
}

/** Numbers of requests in Kafka's protocol. */
export const apis = { produce: 0, initProducerId: 22, endTxn: 26 } as const;

/** Sees each request and each answer; what it holds is never passed on, nor is what follows on the connection. */
export interface Trap {
  request?(seen: SeenRequest): 'hold' | undefined;
  answer?(to: SeenRequest): 'hold' | undefined;
}

/** Stands between clients and a broker, and knows the frames of the protocol. */
export interface RequestTrap {
  readonly address: string;
  trap: Trap;
  stop(): Promise<void>;
}

const lengthBytes = 4;
const correlationAt = 8;

/** Calls `take` with each whole frame, until that gives false. */
function onFrames(socket: Socket, take: (frame: Buffer) => boolean) {
  let rest: Buffer = Buffer.alloc(0);
  let deaf = false;
  socket.on('data', (chunk: Buffer) => {
    if (deaf) return;
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= lengthBytes) {
      const end = lengthBytes + rest.readInt32BE(0);
      if (rest.length < end) return;
      const frame = rest.subarray(0, end);
      rest = rest.subarray(end);
      if (!take(frame)) {
        deaf = true;
        return;
      }
    }
  });
}

export async function startRequestTrap(target: { readonly host: string; readonly port: number }): Promise<RequestTrap> {
  const sockets = new Set<Socket>();
  const state = { trap: {} as Trap };
  const server = createServer({ noDelay: true }, (client) => {
    const broker = connect({ ...target, noDelay: true });
    const open = new Map<number, SeenRequest>();
    for (const [own, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(own);
      own.on('error', () => {});
      own.on('close', () => {
        sockets.delete(own);
        other.destroy();
      });
    }
    onFrames(client, (frame) => {
      const seen = { api: frame.readInt16BE(lengthBytes), bytes: frame };
      if (state.trap.request?.(seen) === 'hold') return false;
      open.set(frame.readInt32BE(correlationAt), seen);
      broker.write(frame);
      return true;
    });
    onFrames(broker, (frame) => {
      const correlation = frame.readInt32BE(lengthBytes);
      const to = open.get(correlation);
      open.delete(correlation);
      if (to && state.trap.answer?.(to) === 'hold') return false;
      client.write(frame);
      return true;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    address: `127.0.0.1:${port}`,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}

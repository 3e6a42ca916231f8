import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Numbers of the protocol's requests. */
const apis = { metadata: 3, saslHandshake: 17, apiVersions: 18, saslAuthenticate: 36 } as const;

export type Login = 'accept' | 'refuse' | 'hang' | 'break off';

export interface FakeBroker {
  readonly address: string;
  connections(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

const int16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255]);
const int32 = (value: number) => Buffer.concat([int16(value >>> 16), int16(value & 0xffff)]);
const text = (value: string) => Buffer.concat([int16(value.length), Buffer.from(value)]);
const nothing = int16(-1);

function versions(): Buffer {
  const ranges = [
    [apis.metadata, 0, 6],
    [apis.saslHandshake, 1, 1],
    [apis.apiVersions, 0, 2],
    [apis.saslAuthenticate, 0, 0],
  ].flatMap(([api = 0, min = 0, max = 0]) => [int16(api), int16(min), int16(max)]);
  return Buffer.concat([int16(0), int32(4), ...ranges, int32(0)]);
}

/** Speaks just enough of Kafka's protocol to be logged in to with PLAIN. */
export async function startFakeBroker(login: Login, host = '127.0.0.1'): Promise<FakeBroker> {
  const sockets = new Set<Socket>();
  let connections = 0;

  function answer(socket: Socket, api: number): Buffer | undefined {
    if (api === apis.apiVersions) return versions();
    if (api === apis.saslHandshake) return Buffer.concat([int16(0), int32(1), text('PLAIN')]);
    if (api !== apis.saslAuthenticate || login === 'hang') return undefined;
    if (login === 'break off') return void socket.end();
    return Buffer.concat([login === 'refuse' ? int16(58) : int16(0), nothing, int32(0)]);
  }

  const server = createServer((socket) => {
    connections++;
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
    let read = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      while (read.length >= 4 && read.length >= 4 + read.readInt32BE(0)) {
        const request = read.subarray(4, 4 + read.readInt32BE(0));
        read = read.subarray(4 + request.length);
        const body = answer(socket, request.readInt16BE(0));
        if (body) socket.write(Buffer.concat([int32(4 + body.length), request.subarray(4, 8), body]));
      }
    });
  }).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

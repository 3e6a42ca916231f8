import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a bridge and its mail server, and sees each mail marked before the server does. */
export interface MarkWitness extends AsyncDisposable {
  readonly port: number;
  /** UIDs in the order in which they were to be marked; the same one again when it was. */
  readonly marks: readonly number[];
  /** Resolves when so many marks have come in, ever since the start. */
  reached(count: number): Promise<void>;
}

const marking = /^\S+ UID (?:STORE|MOVE) (\d+) /;

/** `look`: called with each mark, which goes on to the server when that has resolved. */
export async function startMarkWitness(
  target: number,
  look: (uid: number) => Promise<void> = async () => {},
): Promise<MarkWitness> {
  const marks: number[] = [];
  const waiters = new Map<() => void, number>();
  const sockets = new Set<Socket>();

  function tell() {
    for (const [resolve, wanted] of waiters) {
      if (marks.length < wanted) continue;
      waiters.delete(resolve);
      resolve();
    }
  }

  async function pass(client: Socket, server: Socket) {
    let rest = '';
    for await (const chunk of client.setEncoding('latin1') as AsyncIterable<string>) {
      const lines = (rest + chunk).split(/(?<=\n)/);
      rest = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '');
      for (const line of lines) {
        const uid = marking.exec(line)?.[1];
        if (uid !== undefined) {
          marks.push(Number(uid));
          await look(Number(uid));
          tell();
        }
        server.write(line, 'latin1');
      }
    }
    server.end();
  }

  const listening = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    server.pipe(client);
    pass(client, server).catch(() => server.destroy());
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    marks,
    reached(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiters.set(() => resolve(), count);
      tell();
      return promise;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listening.close(resolve));
    },
  };
}

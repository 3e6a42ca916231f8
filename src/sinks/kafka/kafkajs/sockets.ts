import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

export interface Sockets {
  /** For the library. */
  readonly factory: ISocketFactory;
  /** How many connections have broken off so far. */
  lost(): number;
  /** Destroys all sockets, and makes no more. */
  close(): Promise<void>;
}

/**
 * The sockets of one client, kept in hand: the library itself waits for open answers before it lets go of one, and
 * connects again after a failure. `hosts` says what stands behind names of ours.
 */
export function createSockets(hosts: ReadonlyMap<string, string>): Sockets {
  const open = new Set<Socket>();
  let lost = 0;
  let closed = false;

  return {
    factory({ host: name, port, ssl, onConnect }) {
      if (closed) throw new Error('the client is closed');
      const host = hosts.get(name) ?? name;
      const servername = isIP(host) ? {} : { servername: host };
      const socket = ssl
        ? connectTls({ host, port, ...servername, ...ssl }, onConnect)
        : connectPlain({ host, port }, onConnect);
      socket.setKeepAlive(true, 60_000);
      socket.setNoDelay(true);
      open.add(socket);
      const lose = () => void lost++;
      socket.on('end', lose);
      socket.on('error', lose);
      socket.on('close', () => open.delete(socket));
      return socket;
    },
    lost: () => lost,
    async close() {
      closed = true;
      // With an error: only then does the library give up what still waits for an answer.
      const gone = new Error('the client is closed');
      await Promise.all(
        Array.from(open, (socket) => {
          const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
          socket.destroy(gone);
          return ended;
        }),
      );
    },
  };
}

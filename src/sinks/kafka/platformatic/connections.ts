import { isIP } from 'node:net';
import type { Connection, ConnectionOptions, ConnectionPool } from '@platformatic/kafka';

/**
 * Does for each connection of a client what the library leaves out: `tls` gets the name of the server to ask for, which
 * gateways route by (never an address: Node forbids it); and what becomes of the connection after it was made is told to
 * `onError`, as requests on it only learn that it is closed. Gives those that may be open: when one that was refused
 * closes at last, the library forgets the one that has come in its place, and would never close that.
 */
export function followConnections(
  pool: ConnectionPool,
  tls: ConnectionOptions['tls'],
  onError: (error: Error) => void,
): ReadonlySet<Connection> {
  const made = new Set<Connection>();
  pool.on('connecting', ({ broker, connection }) => {
    // Read by the library right after this.
    if (tls) Object.assign(tls, { servername: isIP(broker.host) ? undefined : broker.host });
    connection.on('error', onError);
    for (const one of made) if (one.socket?.destroyed) made.delete(one);
    made.add(connection);
  });
  return made;
}

import { isIP } from 'node:net';
import type { ConnectionOptions, ConnectionPool } from '@platformatic/kafka';

/**
 * Does for each connection of a client what the library leaves out: `tls` gets the name of the server to ask for, which
 * gateways route by (never an address: Node forbids it); and what becomes of the connection after it was made is told to
 * `onError`, as requests on it only learn that it is closed.
 */
export function followConnections(
  pool: ConnectionPool,
  tls: ConnectionOptions['tls'],
  onError: (error: Error) => void,
): void {
  pool.on('connecting', ({ broker, connection }) => {
    // Read by the library right after this.
    if (tls) Object.assign(tls, { servername: isIP(broker.host) ? undefined : broker.host });
    connection.on('error', onError);
  });
}

import type { Socket } from 'node:net';

/**
 * RST. After its FIN, a socket is only closed: Node.js cannot reset it then, and forgets it while it is still open, so
 * that neither side hears of the other again.
 */
export function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

import { connect } from 'node:net';

/** A connection on which a test writes what it likes. */
export interface RawConnection extends Disposable {
  /** Resolves when the kernel has taken it, or the connection is gone. */
  write(data: string | Uint8Array): Promise<void>;
  /** Says that nothing more comes. */
  end(): void;
  /** All that came so far. */
  received(): string;
  /** Resolves when the other side has closed it, with milliseconds since it was opened. */
  readonly closed: Promise<number>;
}

export async function openRaw(port: number): Promise<RawConnection> {
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  const { promise: closed, resolve: end } = Promise.withResolvers<number>();
  const socket = connect({ port, host: '127.0.0.1' }, resolve);
  const began = performance.now();
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => end(performance.now() - began));
  await Promise.race([opened, closed]);
  return {
    write(data) {
      const { promise, resolve: written } = Promise.withResolvers<void>();
      if (socket.destroyed) written();
      else socket.write(data, () => written());
      return promise;
    },
    end: () => void socket.end(),
    received: () => text,
    closed,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

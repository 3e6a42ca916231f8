import type { AnyProducer } from './call.ts';

/** Closing waits for sockets to drain, which a broker that hangs never lets happen. */
const closeMs = 1_000;

/** Closes within about a second. */
export async function closeProducer(producer: AnyProducer): Promise<void> {
  const sockets = Array.from(producer.connections, ([, connection]) => connection.socket);
  const destroy = () => {
    for (const socket of sockets) socket?.destroy();
  };
  const timer = setTimeout(destroy, closeMs);
  await producer.close().catch(destroy);
  clearTimeout(timer);
}

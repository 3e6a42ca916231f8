import type { Connection } from '@platformatic/kafka';
import type { AnyProducer } from './call.ts';

/** Closing waits for sockets to drain, which a broker that hangs never lets happen. */
const closeMs = 1_000;

/** Closes within about a second. `connections`: those that may be open, also when the library has forgotten them. */
export async function closeProducer(producer: AnyProducer, connections: ReadonlySet<Connection>): Promise<void> {
  const destroy = () => {
    for (const { socket } of connections) socket?.destroy();
  };
  const timer = setTimeout(destroy, closeMs);
  await producer.close().catch(() => {});
  clearTimeout(timer);
  destroy();
}

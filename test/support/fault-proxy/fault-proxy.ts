import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createLink, type Link } from './link.ts';
import { blackHole, halfBlackHole, healthy, type Rules, sliced, throttled } from './rules.ts';

/** Within which the connections have to end when all is destroyed: a test that waits for ever tells nothing. */
const endMs = 10_000;

/**
 * Stands between a client and a server, and fails as networks do. What is said to it holds for the connections there are
 * and for those to come; the latest word counts.
 */
export interface FaultProxy {
  /** `host:port` for clients. */
  readonly address: string;
  readonly port: number;
  /** Closes the connections there are, from both sides, as a proxy does that is shut down: FIN. */
  cut(): void;
  /** Breaks off the connections there are: RST to both sides. */
  reset(): void;
  /** Passes nothing, either way; new connections are accepted. What waits goes on its way with `heal`. */
  blackhole(): void;
  /** Requests go through, answers wait. */
  halfBlackhole(): void;
  /** Each direction of each connection is that slow. */
  throttle(bytesPerSecond: number): void;
  /** Writes at most so many bytes at once. */
  slice(bytes: number): void;
  /** No new connection is accepted; those there are go on. */
  refuse(): void;
  /** Back to normal. Resolves when connections are accepted. */
  heal(): Promise<void>;
  /** How many connections it knows that are not gone on both sides. */
  connections(): number;
  /** Destroys the connections and listens no more. */
  stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. `target`: `host:port`; it need not be there yet. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const colon = target.lastIndexOf(':');
  const destination = { host: target.slice(0, colon), port: Number(target.slice(colon + 1)) };
  const links = new Set<Link>();
  let rules: Rules = healthy;
  let server: Server | undefined = await listen(0);
  const { port } = server.address() as AddressInfo;

  async function listen(wanted: number): Promise<Server> {
    const listening = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const link = createLink(
        client,
        destination,
        () => rules,
        () => links.delete(link),
      );
      links.add(link);
    });
    listening.listen(wanted, '127.0.0.1');
    await once(listening, 'listening');
    return listening;
  }

  function follow(next: Rules) {
    rules = next;
    for (const link of links) link.look();
  }

  function refuse() {
    server?.close();
    server = undefined;
  }

  return {
    address: `127.0.0.1:${port}`,
    port,
    cut() {
      for (const link of links) link.cut();
    },
    reset() {
      for (const link of links) link.reset();
    },
    blackhole: () => follow(blackHole),
    halfBlackhole: () => follow(halfBlackHole),
    throttle: (bytesPerSecond) => follow(throttled(bytesPerSecond)),
    slice: (bytes) => follow(sliced(bytes)),
    refuse,
    async heal() {
      follow(healthy);
      server ??= await listen(port);
    },
    connections: () => links.size,
    async stop() {
      refuse();
      const late = delay(endMs, undefined, { ref: false }).then(() => {
        throw new Error(`${links.size} connections through the fault proxy do not end`);
      });
      await Promise.race([Promise.all(Array.from(links, (link) => link.destroy())), late]);
    },
  };
}

import { freePortNumbers } from '../free-ports.ts';

/** What a broker listens on. */
export interface Ports {
  /** No encryption, no credentials. */
  readonly plain: number;
  /** Wants credentials. */
  readonly sasl: number;
  readonly controller: number;
}

/** Ports of loopback that were free a moment ago, all different: Kafka cannot be told to choose its own. */
export async function freePortsFor(nodes: number): Promise<readonly Ports[]> {
  const numbers = await freePortNumbers(nodes * 3);
  return Array.from({ length: nodes }, (_, node) => {
    const [plain = 0, sasl = 0, controller = 0] = numbers.slice(node * 3);
    return { plain, sasl, controller };
  });
}

/** The same for one broker. */
export async function freePorts(): Promise<Ports> {
  const [ports] = await freePortsFor(1);
  if (!ports) throw new Error('no ports');
  return ports;
}

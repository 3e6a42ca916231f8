import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { freePortsFor } from './free-ports.ts';
import { startOwnKafka } from './native-broker.ts';
import type { StartedKafka } from './started-kafka.ts';

/** A broker with listeners that advertise the addresses of proxies in front of them: clients cannot go round these. */
export interface ProxiedKafka extends StartedKafka {
  /** Round the proxies. */
  readonly bootstrap: string;
  /** Each is the bootstrap server of a network of its own. */
  readonly proxies: readonly FaultProxy[];
}

/** As `startOwnKafka`, with so many proxies. */
export async function startProxiedKafka(networks: number): Promise<ProxiedKafka> {
  const [own = { plain: 0, controller: 0 }, ...behind] = await freePortsFor(networks + 1);
  const proxies = await Promise.all(behind.map(({ plain }) => startFaultProxy(`127.0.0.1:${plain}`)));
  const stopProxies = () => Promise.all(proxies.map((proxy) => proxy.stop()));
  const bootstrap = `127.0.0.1:${own.plain}`;
  const listeners = [`PLAINTEXT://${bootstrap}`, ...behind.map(({ plain }, at) => `NET${at}://127.0.0.1:${plain}`)];
  const advertised = [`PLAINTEXT://${bootstrap}`, ...proxies.map(({ address }, at) => `NET${at}://${address}`)];
  const protocols = ['PLAINTEXT', 'CONTROLLER', ...behind.map((_, at) => `NET${at}`)];
  try {
    const kafka = await startOwnKafka({
      listeners: [...listeners, `CONTROLLER://127.0.0.1:${own.controller}`].join(','),
      'advertised.listeners': advertised.join(','),
      'controller.quorum.voters': `1@127.0.0.1:${own.controller}`,
      'listener.security.protocol.map': protocols.map((name) => `${name}:PLAINTEXT`).join(','),
    });
    const stop = async () => {
      await stopProxies();
      await kafka.stop();
    };
    return { bootstrap, proxies, stop };
  } catch (error) {
    await stopProxies();
    throw error;
  }
}

import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { freePortsFor } from './free-ports.ts';
import type { Faults } from './kafka-node.ts';
import { startOwnKafka } from './native-broker.ts';
import { scramLogin, setScramPassword } from './scram-user.ts';
import type { StartedKafka } from './started-kafka.ts';

/** A broker with listeners that advertise the addresses of proxies in front of them: clients cannot go round these. */
export interface ProxiedKafka extends StartedKafka, Faults {
  /** Round the proxies. */
  readonly bootstrap: string;
  /** Each is the bootstrap server of a network of its own. */
  readonly proxies: readonly FaultProxy[];
}

export interface ProxiedOptions {
  /** Whoever comes through a proxy has to log in as `saslUser`, by SCRAM-SHA-256. Default: false. */
  readonly login?: boolean;
}

function loginSettings(networks: number): Record<string, string> {
  const settings = Array.from({ length: networks }, (_, at) => [
    [`listener.name.net${at}.sasl.enabled.mechanisms`, 'SCRAM-SHA-256'],
    [`listener.name.net${at}.scram-sha-256.sasl.jaas.config`, scramLogin],
  ]);
  return Object.fromEntries(settings.flat());
}

/** As `startOwnKafka`, with so many proxies. */
export async function startProxiedKafka(
  networks: number,
  { login = false }: ProxiedOptions = {},
): Promise<ProxiedKafka> {
  const [own = { plain: 0, controller: 0 }, ...behind] = await freePortsFor(networks + 1);
  const proxies = await Promise.all(behind.map(({ plain }) => startFaultProxy(`127.0.0.1:${plain}`)));
  const stopProxies = () => Promise.all(proxies.map((proxy) => proxy.stop()));
  const bootstrap = `127.0.0.1:${own.plain}`;
  const listeners = [`PLAINTEXT://${bootstrap}`, ...behind.map(({ plain }, at) => `NET${at}://127.0.0.1:${plain}`)];
  const advertised = [`PLAINTEXT://${bootstrap}`, ...proxies.map(({ address }, at) => `NET${at}://${address}`)];
  const protocol = login ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
  const map = ['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT', ...behind.map((_, at) => `NET${at}:${protocol}`)];
  try {
    const kafka = await startOwnKafka({
      listeners: [...listeners, `CONTROLLER://127.0.0.1:${own.controller}`].join(','),
      'advertised.listeners': advertised.join(','),
      'controller.quorum.voters': `1@127.0.0.1:${own.controller}`,
      'listener.security.protocol.map': map.join(','),
      ...(login && loginSettings(networks)),
    });
    const stop = async () => {
      await stopProxies();
      await kafka.stop();
    };
    if (login) await setScramPassword(bootstrap).catch((error) => kafka.stop().then(() => Promise.reject(error)));
    return { ...kafka, bootstrap, proxies, stop };
  } catch (error) {
    await stopProxies();
    throw error;
  }
}

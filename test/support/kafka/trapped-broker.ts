import { freePortsFor } from './free-ports.ts';
import { type OwnKafka, startOwnKafka } from './native-broker.ts';
import { type RequestTrap, startRequestTrap } from './request-trap.ts';

/** A broker with a listener that is reached through a trap only. */
export interface TrappedKafka extends OwnKafka {
  /** `trap.address` is the bootstrap server of those in it; `bootstrap` is that round it. */
  readonly trap: RequestTrap;
}

/** `properties` go over the usual settings. */
export async function startTrappedKafka(properties: Readonly<Record<string, string>> = {}): Promise<TrappedKafka> {
  const [own = { plain: 0, controller: 0 }, behind = { plain: 0 }] = await freePortsFor(2);
  const trap = await startRequestTrap({ host: '127.0.0.1', port: behind.plain });
  const bootstrap = `127.0.0.1:${own.plain}`;
  try {
    const kafka = await startOwnKafka({
      listeners: `PLAINTEXT://${bootstrap},NET://127.0.0.1:${behind.plain},CONTROLLER://127.0.0.1:${own.controller}`,
      'advertised.listeners': `PLAINTEXT://${bootstrap},NET://${trap.address}`,
      'controller.quorum.voters': `1@127.0.0.1:${own.controller}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,NET:PLAINTEXT',
      ...properties,
    });
    const stop = async () => {
      await trap.stop();
      await kafka.stop();
    };
    return { ...kafka, bootstrap, trap, stop };
  } catch (error) {
    await trap.stop();
    throw error;
  }
}

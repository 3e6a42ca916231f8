import { afterAll } from 'vitest';
import { giveUpInCi, giveUpOwnInCi, suiteOn } from '../broker-suite.ts';
import { type OwnKafka, startOwnKafka } from './native-broker.ts';
import { type OwnCluster, startOwnCluster } from './native-cluster.ts';
import { type ProxiedKafka, type ProxiedOptions, startProxiedKafka } from './proxied-broker.ts';
import { type SecuredKafka, startSecuredKafka } from './secured-broker.ts';
import { createSharedBroker, type Found } from './shared-broker.ts';
import { startTrappedKafka, type TrappedKafka } from './trapped-broker.ts';

export interface KafkaBroker {
  /** `host:port` */
  readonly bootstrap: string;
}

const given = 'FEEDFERRY_TEST_KAFKA';

/** The broker that all suites of a run share. Asked for in this order: FEEDFERRY_TEST_KAFKA, container engine, native start. */
async function findKafka(): Promise<Found> {
  const bootstrap = process.env[given];
  if (bootstrap) return { available: true, bootstrap };
  const keeper = process.env['FEEDFERRY_TEST_KAFKA_KEEPER'];
  if (keeper) {
    const response = await fetch(keeper, { signal: AbortSignal.timeout(240_000) });
    return (await response.json()) as Found;
  }
  const own = createSharedBroker();
  afterAll(() => own.stop());
  return own.find();
}

/** Resolves to a broker, rejects with the reason why there is none. */
export async function acquireKafka(): Promise<KafkaBroker> {
  const found = await findKafka();
  if (!found.available) throw new Error(`no Kafka broker: ${found.reason}`);
  return { bootstrap: found.bootstrap };
}

/**
 * A suite that needs a real broker: `const suite = await kafkaSuite()` and then `suite('title', (broker) => …)`. Without
 * a broker the suite is reported as skipped, with the reason in its title; with CI=true that is a failure.
 */
export async function kafkaSuite(): Promise<(title: string, body: (broker: KafkaBroker) => void) => void> {
  return suiteOn(await acquireKafka().catch(giveUpInCi));
}

/**
 * As `kafkaSuite`, with a broker that only this file uses, to be killed and frozen. Always started natively.
 * `properties` go over its usual settings.
 */
export async function ownKafkaSuite(
  properties: Readonly<Record<string, string>> = {},
): Promise<(title: string, body: (broker: OwnKafka) => void) => void> {
  const own = await startOwnKafka(properties).catch(giveUpOwnInCi(given));
  if (!('reason' in own)) afterAll(() => own.stop());
  return suiteOn(own);
}

/** As `ownKafkaSuite`, with three nodes. */
export async function ownClusterSuite(): Promise<(title: string, body: (cluster: OwnCluster) => void) => void> {
  const own = await startOwnCluster().catch(giveUpOwnInCi(given));
  if (!('reason' in own)) afterAll(() => own.stop());
  return suiteOn(own);
}

/** As `ownKafkaSuite`, with listeners that want credentials, tokens, certificates. */
export async function securedKafkaSuite(): Promise<(title: string, body: (broker: SecuredKafka) => void) => void> {
  const own = await startSecuredKafka().catch(giveUpOwnInCi(given));
  if (!('reason' in own)) afterAll(() => own.stop());
  return suiteOn(own);
}

/** As `ownKafkaSuite`, reached through so many networks that fail when told to. */
export async function proxiedKafkaSuite(
  networks: number,
  options: ProxiedOptions = {},
): Promise<(title: string, body: (broker: ProxiedKafka) => void) => void> {
  const own = await startProxiedKafka(networks, options).catch(giveUpOwnInCi(given));
  if (!('reason' in own)) afterAll(() => own.stop());
  return suiteOn(own);
}

/** As `ownKafkaSuite`, reached through a trap that knows Kafka's requests. */
export async function trappedKafkaSuite(
  properties: Readonly<Record<string, string>> = {},
): Promise<(title: string, body: (broker: TrappedKafka) => void) => void> {
  const own = await startTrappedKafka(properties).catch(giveUpInCi);
  if (!('reason' in own)) afterAll(() => own.stop());
  return suiteOn(own);
}

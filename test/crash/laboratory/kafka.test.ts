import { proxiedKafkaSuite } from '../../support/kafka/acquire.ts';
import type { ProxiedKafka } from '../../support/kafka/proxied-broker.ts';
import { kafkaGround } from '../kafka-ground.ts';
import { declareCells } from './declare-cells.ts';
import { confirmTimeout, type OpenSite } from './site.ts';

function siteOf(kafka: ProxiedKafka, client: string): OpenSite {
  return async ({ line, fault }) => {
    const network = fault === 'network faults' ? kafka.proxies[0] : undefined;
    const ground = await kafkaGround(kafka.bootstrap, {
      exactlyOnce: line.options.delivery !== undefined,
      settings: { client, ...(network && { confirmTimeout }) },
      ...(network && { bridgeBootstrap: network.address }),
    });
    return { ground, killable: kafka, freezable: kafka, ...(network && { network }) };
  };
}

const suite = await proxiedKafkaSuite(1);

suite('into Kafka', (kafka) => {
  declareCells('kafka', siteOf(kafka, 'platformatic'));
  declareCells('kafka (kafkajs)', siteOf(kafka, 'kafkajs'));
});

import { startFaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import { ownSqsSuite } from '../../support/sqs/acquire.ts';
import type { OwnElasticMq } from '../../support/sqs/elasticmq.ts';
import { sqsGround } from '../sqs-ground.ts';
import { declareCells } from './declare-cells.ts';
import { confirmTimeout, type OpenSite } from './site.ts';

function siteOf(sqs: OwnElasticMq, kind: 'standard' | 'FIFO'): OpenSite {
  return async ({ fault }, resources) => {
    if (fault !== 'network faults') return { ground: await sqsGround(sqs.endpoint, kind), freezable: sqs };
    const network = await startFaultProxy(new URL(sqs.endpoint).host);
    resources.defer(() => network.stop());
    const through = `http://${network.address}`;
    const ground = await sqsGround(sqs.endpoint, kind, { settings: { confirmTimeout }, through });
    return { ground, freezable: sqs, network };
  };
}

const suite = await ownSqsSuite();

suite('into SQS', (sqs) => {
  declareCells('sqs', siteOf(sqs, 'standard'));
  declareCells('sqs fifo', siteOf(sqs, 'FIFO'));
});

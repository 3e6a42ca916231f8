import { afterAll } from 'vitest';
import { giveUpInCi, giveUpOwnInCi, suiteOn } from '../broker-suite.ts';
import { startInOneWay } from '../ways-to-start.ts';
import { startContainerElasticMq } from './container-server.ts';
import { type OwnElasticMq, startElasticMq } from './elasticmq.ts';

const given = 'FEEDFERRY_TEST_SQS';

async function startOwn(): Promise<OwnElasticMq> {
  const own = await startInOneWay({ container: startContainerElasticMq, native: startElasticMq }, 'native');
  afterAll(() => own.stop());
  return own;
}

/**
 * A suite that needs a server of the SQS protocol that only this file uses, to be frozen: `const suite = await
 * ownSqsSuite()` and then `suite('title', (sqs) => …)`. Without one the suite is reported as skipped, with the reason in
 * its title; with CI=true that is a failure.
 */
export async function ownSqsSuite(): Promise<(title: string, body: (sqs: OwnElasticMq) => void) => void> {
  return suiteOn(await startOwn().catch(giveUpOwnInCi(given)));
}

export interface UsedSqs {
  /** Where it answers. */
  readonly endpoint: string;
  /** The same server where this file may stop it. */
  readonly own: OwnElasticMq | { readonly unsupported: string };
}

async function findUsed(): Promise<UsedSqs> {
  const endpoint = process.env[given];
  if (endpoint) return { endpoint, own: { unsupported: `the server of ${given} is not ours to stop` } };
  const own = await startOwn();
  return { endpoint: own.endpoint, own };
}

/** As `ownSqsSuite`, on the server that answers at FEEDFERRY_TEST_SQS where one is given. */
export async function sqsSuite(): Promise<(title: string, body: (used: UsedSqs) => void) => void> {
  return suiteOn(await findUsed().catch(giveUpInCi));
}

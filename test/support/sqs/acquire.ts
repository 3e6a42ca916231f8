import { afterAll } from 'vitest';
import { giveUpInCi, suiteOn } from '../broker-suite.ts';
import { type OwnElasticMq, startElasticMq } from './elasticmq.ts';

/**
 * A suite that needs a server of the SQS protocol that only this file uses: `const suite = await ownSqsSuite()` and then
 * `suite('title', (sqs) => …)`. Without one the suite is reported as skipped, with the reason in its title; with CI=true
 * that is a failure.
 */
export async function ownSqsSuite(): Promise<(title: string, body: (sqs: OwnElasticMq) => void) => void> {
  const own = await startElasticMq().catch(giveUpInCi);
  if (!('reason' in own)) afterAll(() => own.stop());
  return suiteOn(own);
}

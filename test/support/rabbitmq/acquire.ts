import { afterAll } from 'vitest';
import { giveUpInCi, suiteOn } from '../broker-suite.ts';
import { type OwnRabbitmq, startOwnRabbitmq } from './native-broker.ts';

/** No event over 1 MiB is taken. */
const settings = ['max_message_size = 1048576'];

/**
 * A suite with a broker that only this file uses, to be killed and frozen: `const suite = await ownRabbitmqSuite()` and
 * then `suite('title', (broker) => …)`. Without a broker the suite is reported as skipped, with the reason in its title;
 * with CI=true that is a failure.
 */
export async function ownRabbitmqSuite(): Promise<(title: string, body: (broker: OwnRabbitmq) => void) => void> {
  const own = await startOwnRabbitmq(settings).catch(giveUpInCi);
  if (!('reason' in own)) afterAll(() => own.stop());
  return suiteOn(own);
}

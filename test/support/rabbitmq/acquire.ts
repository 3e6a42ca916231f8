import { afterAll } from 'vitest';
import { giveUpInCi, giveUpOwnInCi, suiteOn } from '../broker-suite.ts';
import { given, givenRabbitmq } from './given.ts';
import type { OwnRabbitmq } from './native-broker.ts';
import { startRabbitmqAsAsked } from './own-rabbitmq.ts';
import type { StartedRabbitmq } from './started-rabbitmq.ts';

/** No event over 1 MiB is taken. */
const settings = ['max_message_size = 1048576'];

async function startOwn(): Promise<OwnRabbitmq> {
  const own = await startRabbitmqAsAsked(settings);
  afterAll(() => own.stop());
  return own;
}

/**
 * A suite with a broker that only this file uses, to be killed and frozen: `const suite = await ownRabbitmqSuite()` and
 * then `suite('title', (broker) => …)`. Without a broker the suite is reported as skipped, with the reason in its title;
 * with CI=true that is a failure.
 */
export async function ownRabbitmqSuite(): Promise<(title: string, body: (broker: OwnRabbitmq) => void) => void> {
  return suiteOn(await startOwn().catch(giveUpOwnInCi(given)));
}

/** `own`: the same broker where this file may stop it. */
export interface UsedRabbitmq {
  readonly broker: StartedRabbitmq;
  readonly own: OwnRabbitmq | { readonly unsupported: string };
}

async function findUsed(): Promise<UsedRabbitmq> {
  const broker = givenRabbitmq();
  if (broker) return { broker, own: { unsupported: `the broker of ${given} is not ours to stop` } };
  const own = await startOwn();
  return { broker: own, own };
}

/** As `ownRabbitmqSuite`, on the broker of FEEDFERRY_TEST_RABBITMQ where one is given. */
export async function rabbitmqSuite(): Promise<(title: string, body: (used: UsedRabbitmq) => void) => void> {
  return suiteOn(await findUsed().catch(giveUpInCi));
}

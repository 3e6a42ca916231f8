import { afterAll } from 'vitest';
import { giveUpInCi, suiteOn } from '../broker-suite.ts';
import { type OwnDovecot, startOwnDovecot } from './own-dovecot.ts';

async function startOwn(options: Parameters<typeof startOwnDovecot>[0]): Promise<OwnDovecot> {
  const own = await startOwnDovecot(options);
  afterAll(() => own.stop());
  return own;
}

/**
 * A suite with a mail server that only this file uses, to be killed too. Without one the suite is reported as skipped,
 * with the reason in its title; with CI=true that is a failure.
 */
export async function ownDovecotSuite(
  options?: Parameters<typeof startOwnDovecot>[0],
): Promise<(title: string, body: (server: OwnDovecot) => void) => void> {
  return suiteOn(await startOwn(options).catch(giveUpInCi));
}

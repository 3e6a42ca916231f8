import type { Configuration } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import { type BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import { hostAndPort } from '../http/host-and-port.ts';

/** Who holds the state: this configuration's own daemon is no trouble, anybody else keeps one from starting. */
async function checkHolder(configuration: Configuration, held: BridgeError): Promise<Finding> {
  const { remoteOperations } = await import('../operations/remote.ts');
  const { admin } = configuration.listen;
  const subject = configuration.state.dir;
  const feed = configuration.pipelines.flatMap(({ name, feeds }) =>
    feeds.map((definition): FeedName => `${name}/${definition.name}`),
  )[0];
  const signal = AbortSignal.timeout(5_000);
  try {
    if (feed !== undefined) await remoteOperations({ address: admin, token: admin.token, signal }).feedState(feed);
    const where = hostAndPort(admin.host, admin.port);
    return { severity: 'ok', subject, message: `${held.message}: a daemon, which answers on ${where}` };
  } catch {
    const hint = 'A daemon with this configuration cannot start meanwhile.';
    const message = `${held.message}, and no daemon answers on listen.admin`;
    return { severity: 'warning', subject, code: 'STATE_LOCKED', message, hint };
  }
}

/** Whether the state can be opened and written; when a process holds it, who that is. */
export async function checkState(configuration: Configuration): Promise<readonly Finding[]> {
  const { openState } = await import('../state/open.ts');
  const subject = configuration.state.dir;
  try {
    await using state = await openState({ dir: subject, mode: 'exclusive' });
    if (await state.writable()) return [{ severity: 'ok', subject, message: 'can be opened and written' }];
    const message = 'the state files cannot be written';
    const hint = 'Check free space, permissions and the health of the disk.';
    return [{ severity: 'error', subject, code: 'STATE_UNWRITABLE', message, hint }];
  } catch (thrown) {
    const error = toBridgeError(thrown);
    if (error.code === 'STATE_LOCKED') return [await checkHolder(configuration, error)];
    return [{ severity: 'error', subject, code: error.code, message: error.message, hint: error.hint }];
  }
}
